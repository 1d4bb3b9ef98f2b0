/* Elman, LSTM and GRU layers over a batch on the CPU, onward and back: what ../compiled.py calls.
 *
 * No Python is in here: a shared library of plain functions over plain memory, so that it needs no Python headers to be
 * built and holds no lock while it works. The functions work on a range of slices or panels each; ranges that do not meet
 * may be worked on by threads of the caller's at the same time.
 */

#include "recurrent.h"

#include <stdlib.h>
#include <string.h>

#if defined(__x86_64__)
#include <immintrin.h>
#elif defined(__aarch64__)
#include <arm_neon.h>
#endif

/* The sums of a tile stay in registers only where every loop over them is written out. */
#if defined(__clang__)
#define UNROLLED _Pragma("clang loop unroll(full)")
#else
#define UNROLLED _Pragma("GCC unroll 8")
#endif

/* Rows (steps times batch) between two additions to the weights' gradients. */
#define CHUNK 128

typedef struct {
    const char *name;
    int64_t lanes;
    void (*turn)(const Layer *, int64_t, int64_t);
    void (*stack)(const Layer *, int64_t, int64_t);
    void (*onward)(const Layer *, int64_t, int64_t);
    int (*read_tree)(const Layer *, int64_t, int64_t);
    int (*back)(const Layer *, int64_t, int64_t);
    void (*collect)(const Layer *, int64_t, int64_t);
} Kind;

/* Where a step's rows are read and written. The strides of rows are the layer's. */
typedef struct {
    const int64_t *tokens;
    const float *values, *before, *c_before;
    float *after, *c_after, *bent;
    float *gates;       /* Null where nothing is kept. */
    int64_t panel_rows; /* Rows from one panel's gates to the next's. */
} Place;

#if defined(__x86_64__)

/* LEAST and MOST answer their second operand where one is no number. */
#define NAME avx2
#define TARGET __attribute__((target("avx2,fma")))
#define LANES 8
#define ROWS 3
#define LEAST(a, b) ((vec)_mm256_min_ps((__m256)(a), (__m256)(b)))
#define MOST(a, b) ((vec)_mm256_max_ps((__m256)(a), (__m256)(b)))
#include "recurrent_body.h"

#define NAME avx512
#define TARGET __attribute__((target("avx512f,avx2,fma")))
#define LANES 16
#define ROWS 6
#define LEAST(a, b) ((vec)_mm512_min_ps((__m512)(a), (__m512)(b)))
#define MOST(a, b) ((vec)_mm512_max_ps((__m512)(a), (__m512)(b)))
#include "recurrent_body.h"

/* The best first. */
static const Kind *const kinds[] = {&kind_avx512, &kind_avx2, 0};

static int runs(const Kind *kind) {
    __builtin_cpu_init();
    if (kind == &kind_avx512) return __builtin_cpu_supports("avx512f");
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
}

#elif defined(__aarch64__)

#define NAME neon
#define TARGET
#define LANES 4
#define ROWS 6
#define LEAST(a, b) ((vec)vminq_f32((float32x4_t)(a), (float32x4_t)(b)))
#define MOST(a, b) ((vec)vmaxq_f32((float32x4_t)(a), (float32x4_t)(b)))
#include "recurrent_body.h"

static const Kind *const kinds[] = {&kind_neon, 0};

static int runs(const Kind *kind) { return kind != 0; }

#else

static const Kind *const kinds[] = {0};

static int runs(const Kind *kind) { return kind != 0; }

#endif

/* What the functions below are: null before `rnnlab_use`. */
static const Kind *used;

#define SHARED __attribute__((visibility("default")))

/* Bytes of a `Layer`: who has another idea of it must not call. */
SHARED int64_t rnnlab_layer(void) { return sizeof(Layer); }

/* The instructions at a place of the list of those that functions were built for, the best first, where this processor has
 * them: "" where it does not, null behind the last. */
SHARED const char *rnnlab_kind(int64_t place) {
    return !kinds[place] ? 0 : runs(kinds[place]) ? kinds[place]->name : "";
}

/* Compute with those from now on, which this processor must have. Floats of a vector there. */
SHARED int64_t rnnlab_use(int64_t place) {
    used = kinds[place];
    return used->lanes;
}

/* Weights for the way onward, of panels [from, to). */
SHARED void rnnlab_turn(const Layer *layer, int64_t from, int64_t to) { used->turn(layer, from, to); }

/* Weights for the way back, of blocks of four vectors of columns. */
SHARED void rnnlab_stack(const Layer *layer, int64_t from, int64_t to) { used->stack(layer, from, to); }

/* All steps of slices [from, to). */
SHARED void rnnlab_onward(const Layer *layer, int64_t from, int64_t to) { used->onward(layer, from, to); }

/* All nodes of slices [from, to) of a tree. 1: there was no memory. */
SHARED int rnnlab_read_tree(const Layer *layer, int64_t from, int64_t to) { return used->read_tree(layer, from, to); }

/* What `rnnlab_onward` did, backwards. 1: there was no memory. */
SHARED int rnnlab_back(const Layer *layer, int64_t from, int64_t to) { return used->back(layer, from, to); }

/* The gradients by the weights, of panels [from, to), once all slices are through. */
SHARED void rnnlab_collect(const Layer *layer, int64_t from, int64_t to) { used->collect(layer, from, to); }
