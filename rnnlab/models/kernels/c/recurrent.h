/* What one recurrent layer over one batch reads and writes. ../compiled.py declares the same, field by field. */
#ifndef RECURRENT_H
#define RECURRENT_H

#include <stdint.h>

enum { ELMAN, RECTIFIED_ELMAN, LSTM, GRU };

typedef struct {
    int64_t cell;
    int64_t steps, batch;
    int64_t size;   /* Units. */
    int64_t padded; /* Units with those that fill the last panel; what they say is zero. */
    int64_t width;  /* Numbers a step that are read, or symbols where tokens are. */
    int64_t slice;  /* Rows of the batch that are gone through together. */
    int64_t keep;   /* Whether what the way back needs is kept. */
    int64_t given;  /* Whether states before the first step are given; they are zero otherwise. */

    /* PyTorch's own, gate after gate: (gates * size, width), (gates * size, size), and (gates * size,) or null. */
    const float *w, *u, *bias, *recurrent_bias;

    /* One of the two is null. Strides in elements; the numbers of a step lie together. */
    const int64_t *tokens; /* (steps, batch) */
    const float *values;   /* (steps, batch, width) */
    int64_t step_stride, row_stride;

    /* A tree of steps instead of rows of them: `batch` is then its widest level, and states are (1 + nodes, padded), the first
     * row being the one before the first step. */
    const int64_t *levels;  /* (slices, steps + 1): the first node of each level of a slice, and the end of the last. */
    const int64_t *parents; /* (nodes): the row of `states` that a node goes on from. */

    float *table;  /* W as the way onward reads it, then as the way back does where d_values is asked for. */
    float *turned; /* U likewise. */
    float *biases; /* (panels, 4 vectors) */

    float *states; /* (steps + 1, batch, padded), the first filled in. */
    float *cells;  /* An LSTM's c, likewise; two steps alone where nothing is kept. */
    float *bent;   /* An LSTM's tanh(c), (steps, batch, padded), where kept. */
    float *gates;  /* (slices, panels, steps, rows, 4 vectors), where kept: what the gates say. */

    const float *d_states; /* (steps, batch, padded), or (batch, padded) where ends are given. */
    const int64_t *ends;   /* (batch): after how many steps a row is read from above; null: after each. */
    /* By the states before the step at hand, zero to begin with: (batch, size rounded up to whole panels), which is more
     * than padded where a panel holds gates; and (batch, padded). */
    float *d_h, *d_c;
    float *d_values;       /* (steps, batch, width), or null. */
    float *flow;           /* (steps, batch, padded), or null: by the states after each step, through later ones too. */

    /* Of each slice: (slices, panels, size or width, 4 vectors), (slices, panels, 4 vectors). */
    float *part_u, *part_w, *part_bias;

    /* The sums of these, as PyTorch has its weights. */
    float *d_u, *d_w, *d_bias, *d_recurrent_bias;
} Layer;

#endif
