/* One recurrent layer, onward and back, for one kind of processor.
 *
 * Included once for each, with NAME, TARGET, LANES (floats of a vector), ROWS (rows of a tile), LEAST and MOST set.
 *
 * Units come in panels of four vectors: the four gates of LANES units of an LSTM, a GRU's r and z and the two halves of its
 * n, four vectors of an Elman layer. A tile is ROWS rows by one panel, which fills the registers: its sums are added up
 * there, the gates are bent there, and memory sees the states alone and what the way back needs. The weights of one panel
 * stay in the first cache while all rows of a slice pass. A row's numbers are added up in one order in whatever batch it
 * stands, and slices have the same rows however many threads share them: results depend on neither.
 */

#define JOIN_(a, b) a##_##b
#define JOIN(a, b) JOIN_(a, b)
#define OWN(name) JOIN(name, NAME)
#define INLINE static inline __attribute__((always_inline)) TARGET
#define PANEL (4 * LANES)
#define BLOCK (4096 / (PANEL * PANEL) > 1 ? 4096 / (PANEL * PANEL) : 1) /* Panels whose product fits the first cache. */
#define vec OWN(vec)

typedef float vec __attribute__((vector_size(4 * LANES), aligned(4), may_alias));
typedef int32_t OWN(bits) __attribute__((vector_size(4 * LANES), aligned(4), may_alias));

INLINE vec OWN(all)(float x) { return x - (vec){0}; }
INLINE vec OWN(load)(const float *from) { return *(const vec *)from; }
INLINE void OWN(store)(float *to, vec x) { *(vec *)to = x; }

/* Within 3e-7 of tanh, relative: x times a fraction of two polynomials in x², fitted for the least relative error (2.1e-8
 * at most, the rest is rounding). From 9.01 on float32 knows no other answer than 1. What is no number stays so. */
INLINE vec OWN(bend)(vec x) {
    x = MOST(OWN(all)(-9.011f), LEAST(OWN(all)(9.011f), x));
    const vec z = x * x;
    vec p = z * 1.3334909571650402e-08f + 2.059487567440615e-05f;
    vec q = z * 7.768489818697093e-07f + 3.2842243118476653e-04f;
    p = p * z + 3.4947261350933923e-03f;
    q = q * z + 2.587370379182326e-02f;
    p = p * z + 1.3380300131036074e-01f;
    q = q * z + 4.671361553615186e-01f;
    p = p * z + 9.999999792328602e-01f;
    q = q * z + 1.0f;
    return x * p / q;
}

/* Of twice its argument: the half stands in the weights. */
INLINE vec OWN(sigmoid)(vec half) { return OWN(bend)(half) * 0.5f + 0.5f; }

/* The vectors of a panel that take part in a product, first to last from the lowest digit on. A GRU's n reads from below with
 * one and from the state with another. */
#define ALL_FOUR 0x3210
#define FROM_BELOW 0x210
#define FROM_STATE 0x310
#define DIGIT(digits, v) ((digits) >> 4 * (v) & 3)

/* sums[row][to v] += a[row][k] · b[k][from v], over k; `a_row`, `a_k` and `b_k`: strides in floats. */
INLINE void OWN(multiply)(
    const int rows, const int vectors, const int to, const int from, vec (*sums)[4], const float *a, int64_t a_row,
    int64_t a_k, const float *b, const int64_t b_k, int64_t count
) {
    for (int64_t k = 0; k < count; k++, a += a_k, b += b_k) {
        /* With 12 sums there are four registers of AVX2 left. Each compiler stays within them in one of the two orders alone:
         * the other's takes twice as long. */
#if defined(__clang__)
        vec x[ROWS];
        UNROLLED
        for (int row = 0; row < rows; row++) x[row] = OWN(all)(a[row * a_row]);
        UNROLLED
        for (int v = 0; v < vectors; v++) {
            const vec column = OWN(load)(b + DIGIT(from, v) * LANES);
            UNROLLED
            for (int row = 0; row < rows; row++) sums[row][DIGIT(to, v)] += x[row] * column;
        }
#else
        vec column[4];
        UNROLLED
        for (int v = 0; v < vectors; v++) column[v] = OWN(load)(b + DIGIT(from, v) * LANES);
        UNROLLED
        for (int row = 0; row < rows; row++) {
            const vec x = OWN(all)(a[row * a_row]);
            UNROLLED
            for (int v = 0; v < vectors; v++) sums[row][DIGIT(to, v)] += x * column[v];
        }
#endif
    }
}

/* Runs `call`, which names its rows `rows_here` and its first row `row`, over `count` rows in tiles. */
#define TILE(rows, call)                                                                                               \
    {                                                                                                                  \
        const int rows_here = rows;                                                                                    \
        call;                                                                                                          \
        row += rows;                                                                                                   \
    }
#define IN_TILES(count, call)                                                                                          \
    do {                                                                                                               \
        const int64_t end_ = (count);                                                                                  \
        int64_t row = 0;                                                                                               \
        while (row + ROWS <= end_) TILE(ROWS, call)                                                                    \
        if (ROWS > 3 && row + 3 <= end_) TILE(3, call)                                                                 \
        if (row + 2 <= end_) TILE(2, call)                                                                             \
        if (row < end_) TILE(1, call)                                                                                  \
    } while (0)

/* How many units a panel has, how many of its vectors take part in a product, and which gate a vector is. */
INLINE int64_t OWN(units)(const int cell) { return cell == LSTM || cell == GRU ? LANES : PANEL; }
INLINE int OWN(taking_part)(const int cell) { return cell == GRU ? 3 : 4; }
INLINE int64_t OWN(gate_of)(const int64_t cell, int v) { return cell == LSTM || cell == GRU ? (v == 3 && cell == GRU ? 2 : v) : 0; }
INLINE int64_t OWN(unit_of)(const int64_t cell, int64_t panel, int v) {
    return cell == LSTM || cell == GRU ? panel * LANES : panel * PANEL + v * LANES;
}
/* A σ is a tanh of half its argument. */
INLINE float OWN(scale_of)(const int64_t cell, int v) {
    return (cell == LSTM && v != 2) || (cell == GRU && v < 2) ? 0.5f : 1.0f;
}

/* (gates · size, width) → (panels, width, vectors that take part), scaled. */
static TARGET void OWN(turn)(const Layer *layer, const float *weights, int64_t width, float *to, int64_t panel) {
    const int vectors = OWN(taking_part)(layer->cell);
    float *out = to + panel * width * vectors * LANES;
    for (int v = 0; v < vectors; v++) {
        const int64_t unit = OWN(unit_of)(layer->cell, panel, v), gate = OWN(gate_of)(layer->cell, v);
        const float scale = OWN(scale_of)(layer->cell, v);
        for (int64_t lane = 0; lane < LANES; lane++) {
            float *column = out + v * LANES + lane;
            if (unit + lane < layer->size) {
                const float *row = weights + (gate * layer->size + unit + lane) * width;
                for (int64_t k = 0; k < width; k++) column[k * vectors * LANES] = row[k] * scale;
            } else {
                for (int64_t k = 0; k < width; k++) column[k * vectors * LANES] = 0.0f;
            }
        }
    }
}

/* (gates · size, width) → (blocks of PANEL columns, panels, vectors that take part, lanes, PANEL), for one block. */
static TARGET void OWN(stack)(const Layer *layer, const float *weights, int64_t width, float *to, int64_t block) {
    const int vectors = OWN(taking_part)(layer->cell);
    const int64_t panels = layer->padded / OWN(units)(layer->cell), first = block * PANEL;
    const int64_t columns = width - first < PANEL ? width - first : PANEL;
    float *out = to + block * panels * vectors * LANES * PANEL;
    for (int64_t panel = 0; panel < panels; panel++)
        for (int v = 0; v < vectors; v++) {
            const int64_t unit = OWN(unit_of)(layer->cell, panel, v), gate = OWN(gate_of)(layer->cell, v);
            for (int64_t lane = 0; lane < LANES; lane++, out += PANEL) {
                const int64_t taken = unit + lane < layer->size ? columns : 0;
                if (taken) memcpy(out, weights + (gate * layer->size + unit + lane) * width + first, taken * sizeof(float));
                if (taken < PANEL) memset(out + taken, 0, (PANEL - taken) * sizeof(float));
            }
        }
}

static TARGET void OWN(set_biases)(const Layer *layer, int64_t panel) {
    float *out = layer->biases + panel * PANEL;
    for (int v = 0; v < 4; v++) {
        const int64_t unit = OWN(unit_of)(layer->cell, panel, v), gate = OWN(gate_of)(layer->cell, v);
        const float scale = OWN(scale_of)(layer->cell, v);
        const int below = !(layer->cell == GRU && v == 3), recurrent = !(layer->cell == GRU && v == 2);
        for (int64_t lane = 0; lane < LANES; lane++) {
            float sum = 0.0f;
            const int64_t place = gate * layer->size + unit + lane;
            if (layer->bias && unit + lane < layer->size)
                sum = (below ? layer->bias[place] : 0.0f) + (recurrent ? layer->recurrent_bias[place] : 0.0f);
            out[v * LANES + lane] = sum * scale;
        }
    }
}

/* A token that the table has no column for reads the nearest: what lies beside the table is nobody's. */
INLINE int64_t OWN(within)(const Layer *layer, int64_t token) {
    return token < 0 ? 0 : token < layer->width ? token : layer->width - 1;
}

/* One step of one tile. `here`: where the rows of the tile are read and written; its `after` is given, for it alone moves. */
INLINE void OWN(onward_tile)(
    const int rows, const int cell, const Layer *layer, const Place *here, int64_t row, int64_t panel, int inner
) {
    const int64_t padded = layer->padded, size = layer->size, at = panel * OWN(units)(cell);
    const int vectors = OWN(taking_part)(cell);
    const float *before = here->before + row * padded;
    float *after = here->after + row * padded + at;
    float *kept = here->gates ? here->gates + (panel * here->panel_rows + row) * PANEL : 0;
    vec sums[ROWS][4];
    UNROLLED
    for (int r = 0; r < rows; r++)
        UNROLLED
        for (int v = 0; v < 4; v++) sums[r][v] = OWN(load)(layer->biases + panel * PANEL + v * LANES);
    const float *table = layer->table + panel * layer->width * vectors * LANES;
    if (layer->tokens) {
        const int64_t *tokens = here->tokens + row * layer->row_stride;
        UNROLLED
        for (int r = 0; r < rows; r++) {
            const float *column = table + OWN(within)(layer, tokens[r * layer->row_stride]) * vectors * LANES;
            UNROLLED
            for (int v = 0; v < vectors; v++) sums[r][v] += OWN(load)(column + v * LANES);
        }
    } else {
        OWN(multiply)(
            rows, vectors, cell == GRU ? FROM_BELOW : ALL_FOUR, ALL_FOUR, sums,
            here->values + row * layer->row_stride, layer->row_stride, 1, table, vectors * LANES, layer->width
        );
    }
    if (inner)
        OWN(multiply)(
            rows, vectors, cell == GRU ? FROM_STATE : ALL_FOUR, ALL_FOUR, sums, before, padded, 1,
            layer->turned + panel * size * vectors * LANES, vectors * LANES, size
        );
    if (cell == ELMAN) {
        const int tanh = layer->cell == ELMAN;
        UNROLLED
        for (int r = 0; r < rows; r++)
            UNROLLED
            for (int v = 0; v < 4; v++)
                OWN(store)(
                    after + r * padded + v * LANES,
                    tanh ? OWN(bend)(sums[r][v]) : MOST(OWN(all)(0.0f), sums[r][v])
                );
    } else if (cell == LSTM) {
        const float *c_before = here->c_before + row * padded + at;
        float *c_after = here->c_after + row * padded + at, *bent_after = here->bent + row * padded + at;
        UNROLLED
        for (int r = 0; r < rows; r++) {
            const vec i = OWN(sigmoid)(sums[r][0]), g = OWN(bend)(sums[r][2]), o = OWN(sigmoid)(sums[r][3]);
            const vec f = OWN(sigmoid)(sums[r][1]);
            const vec c = f * OWN(load)(c_before + r * padded) + i * g;
            const vec bent = OWN(bend)(c);
            OWN(store)(c_after + r * padded, c);
            OWN(store)(after + r * padded, o * bent);
            if (kept) {
                OWN(store)(bent_after + r * padded, bent);
                OWN(store)(kept + r * PANEL, i);
                OWN(store)(kept + r * PANEL + LANES, f);
                OWN(store)(kept + r * PANEL + 2 * LANES, g);
                OWN(store)(kept + r * PANEL + 3 * LANES, o);
            }
        }
    } else {
        UNROLLED
        for (int r = 0; r < rows; r++) {
            const vec reset = OWN(sigmoid)(sums[r][0]), z = OWN(sigmoid)(sums[r][1]);
            const vec n = OWN(bend)(sums[r][2] + reset * sums[r][3]);
            OWN(store)(after + r * padded, n + z * (OWN(load)(before + r * padded + at) - n));
            if (kept) {
                OWN(store)(kept + r * PANEL, reset);
                OWN(store)(kept + r * PANEL + LANES, z);
                OWN(store)(kept + r * PANEL + 2 * LANES, n);
                OWN(store)(kept + r * PANEL + 3 * LANES, sums[r][3]);
            }
        }
    }
}

INLINE void OWN(onward_slice)(const int cell, const Layer *layer, int64_t slice) {
    const int64_t panels = layer->padded / OWN(units)(cell), first = slice * layer->slice, padded = layer->padded;
    const int64_t rows = layer->batch - first < layer->slice ? layer->batch - first : layer->slice;
    float *gates = layer->keep && layer->gates ? layer->gates + first * layer->steps * panels * PANEL : 0;
    for (int64_t step = 0; step < layer->steps; step++) {
        const int inner = step > 0 || layer->given;
        const int64_t place = (step * layer->batch + first) * padded, next = layer->batch * padded;
        const int64_t read = step * layer->step_stride + first * layer->row_stride;
        Place here = {
            .tokens = layer->tokens ? layer->tokens + read : 0,
            .values = layer->values ? layer->values + read : 0,
            .before = layer->states + place,
            .after = layer->states + place + next,
            .panel_rows = layer->steps * rows,
        };
        if (cell == LSTM) {
            const int64_t from = layer->keep ? step : step & 1, to = layer->keep ? step + 1 : (step + 1) & 1;
            here.c_before = layer->cells + from * next + first * padded;
            here.c_after = layer->cells + to * next + first * padded;
            here.bent = gates ? layer->bent + place : here.c_after;
        }
        if (gates) here.gates = gates + step * rows * PANEL;
        for (int64_t panel = 0; panel < panels; panel++)
            IN_TILES(rows, OWN(onward_tile)(rows_here, cell, layer, &here, row, panel, inner));
    }
}

/* The nodes of a slice of a tree, level by level: each goes on from its parent. `room`: two widest levels of states. */
INLINE void OWN(onward_tree)(const int cell, const Layer *layer, int64_t slice, float *room) {
    const int64_t panels = layer->padded / OWN(units)(cell), padded = layer->padded;
    const int64_t *levels = layer->levels + slice * (layer->steps + 1);
    float *c_room = room + layer->batch * padded;
    for (int64_t level = 0; level < layer->steps; level++) {
        const int64_t first = levels[level], rows = levels[level + 1] - first;
        const int inner = level > 0 || layer->given;
        for (int64_t row = 0; row < rows; row++) {
            const int64_t parent = layer->parents[first + row];
            memcpy(room + row * padded, layer->states + parent * padded, padded * sizeof(float));
            if (cell == LSTM) memcpy(c_room + row * padded, layer->cells + parent * padded, padded * sizeof(float));
        }
        Place here = {
            .tokens = layer->tokens ? layer->tokens + first * layer->row_stride : 0,
            .values = layer->values ? layer->values + first * layer->row_stride : 0,
            .before = room,
            .after = layer->states + (1 + first) * padded,
        };
        if (cell == LSTM) {
            here.c_before = c_room;
            here.c_after = here.bent = layer->cells + (1 + first) * padded;
        }
        for (int64_t panel = 0; panel < panels; panel++)
            IN_TILES(rows, OWN(onward_tile)(rows_here, cell, layer, &here, row, panel, inner));
    }
}

/* The gradient by a row's state after a step, as it is read from above, at vector `at`. */
INLINE vec OWN(from_above)(const Layer *layer, int64_t step, int64_t row, int64_t at) {
    if (!layer->ends) return OWN(load)(layer->d_states + (step * layer->batch + row) * layer->padded + at);
    return layer->ends[row] == step + 1 ? OWN(load)(layer->d_states + row * layer->padded + at) : OWN(all)(0.0f);
}

/* From the gradient by a step's states to those by the sums of its gates, one panel: `d` (rows, 4 vectors). */
INLINE void OWN(back_gates)(
    const int cell, const Layer *layer, int64_t step, int64_t first, int64_t rows, int64_t panel, const float *kept, float *d
) {
    const int64_t padded = layer->padded, at = panel * OWN(units)(cell);
    const int64_t d_row = (layer->size + PANEL - 1) / PANEL * PANEL;
    for (int64_t row = 0; row < rows; row++, d += PANEL, kept += kept ? PANEL : 0) {
        const int64_t place = (step * layer->batch + first + row) * padded + at, next = place + layer->batch * padded;
        float *d_state = layer->d_h + (first + row) * d_row + at;
        if (cell == ELMAN) {
            for (int v = 0; v < 4; v++) {
                const vec h = OWN(load)(layer->states + next + v * LANES);
                vec d_h = OWN(load)(d_state + v * LANES) + OWN(from_above)(layer, step, first + row, at + v * LANES);
                if (layer->flow) OWN(store)(layer->flow + place + v * LANES, d_h);
                if (layer->cell == ELMAN) d_h *= 1.0f - h * h;
                else d_h = (vec)((h > 0.0f) & (OWN(bits))d_h);
                OWN(store)(d + v * LANES, d_h);
                OWN(store)(d_state + v * LANES, OWN(all)(0.0f));
            }
            continue;
        }
        const vec d_h = OWN(load)(d_state) + OWN(from_above)(layer, step, first + row, at);
        if (layer->flow) OWN(store)(layer->flow + place, d_h);
        if (cell == LSTM) {
            float *d_cell = layer->d_c + (first + row) * padded + at;
            const vec i = OWN(load)(kept), f = OWN(load)(kept + LANES);
            const vec g = OWN(load)(kept + 2 * LANES), o = OWN(load)(kept + 3 * LANES);
            const vec bent = OWN(load)(layer->bent + place), c_before = OWN(load)(layer->cells + place);
            const vec d_c = OWN(load)(d_cell) + d_h * o * (1.0f - bent * bent);
            OWN(store)(d, d_c * g * (i * (1.0f - i)));
            OWN(store)(d + LANES, d_c * c_before * (f * (1.0f - f)));
            OWN(store)(d + 2 * LANES, d_c * i * (1.0f - g * g));
            OWN(store)(d + 3 * LANES, d_h * bent * (o * (1.0f - o)));
            OWN(store)(d_cell, d_c * f);
            OWN(store)(d_state, OWN(all)(0.0f));
        } else {
            const vec reset = OWN(load)(kept), z = OWN(load)(kept + LANES);
            const vec n = OWN(load)(kept + 2 * LANES), product = OWN(load)(kept + 3 * LANES);
            const vec d_n = d_h * (1.0f - z) * (1.0f - n * n);
            OWN(store)(d, d_n * product * (reset * (1.0f - reset)));
            OWN(store)(d + LANES, d_h * (OWN(load)(layer->states + place) - n) * (z * (1.0f - z)));
            OWN(store)(d + 2 * LANES, d_n);
            OWN(store)(d + 3 * LANES, d_n * reset);
            OWN(store)(d_state, d_h * z);
        }
    }
}

/* out (rows, PANEL columns) += d (panels, rows, 4 vectors) times panels [from, to) of stacked weights. `d_panel`: floats
 * from one panel of d to the next. */
INLINE void OWN(spread_tile)(
    const int rows, const int cell, const int state, const float *d, int64_t d_panel, const float *stacked, int64_t from,
    int64_t to, float *out, int64_t out_row
) {
    vec sums[ROWS][4];
    UNROLLED
    for (int r = 0; r < rows; r++)
        UNROLLED
        for (int v = 0; v < 4; v++) sums[r][v] = OWN(load)(out + r * out_row + v * LANES);
    for (int64_t panel = from; panel < to; panel++) {
        const float *b = stacked + panel * OWN(taking_part)(cell) * LANES * PANEL, *a = d + panel * d_panel;
        if (cell != GRU) {
            OWN(multiply)(rows, 4, ALL_FOUR, ALL_FOUR, sums, a, PANEL, 1, b, PANEL, PANEL);
        } else if (!state) {
            OWN(multiply)(rows, 4, ALL_FOUR, ALL_FOUR, sums, a, PANEL, 1, b, PANEL, 3 * LANES);
        } else {
            OWN(multiply)(rows, 4, ALL_FOUR, ALL_FOUR, sums, a, PANEL, 1, b, PANEL, 2 * LANES);
            OWN(multiply)(
                rows, 4, ALL_FOUR, ALL_FOUR, sums, a + 3 * LANES, PANEL, 1, b + 2 * LANES * PANEL, PANEL, LANES
            );
        }
    }
    UNROLLED
    for (int r = 0; r < rows; r++)
        UNROLLED
        for (int v = 0; v < 4; v++) OWN(store)(out + r * out_row + v * LANES, sums[r][v]);
}

/* part (count, 4 vectors) of one panel += what was read (rows, count) by d (rows, 4 vectors), over the steps of a chunk. */
INLINE void OWN(gather_tile)(
    const int rows, const int cell, const int state, const float *read, int64_t read_step, int64_t read_row, int64_t steps,
    int64_t slice_rows, const float *d, float *part
) {
    const int which = cell == GRU ? (state ? FROM_STATE : FROM_BELOW) : ALL_FOUR;
    const int vectors = OWN(taking_part)(cell);
    vec sums[ROWS][4];
    UNROLLED
    for (int r = 0; r < rows; r++)
        UNROLLED
        for (int v = 0; v < vectors; v++) sums[r][v] = OWN(load)(part + r * PANEL + v * LANES);
    for (int64_t step = 0; step < steps; step++)
        OWN(multiply)(
            rows, vectors, ALL_FOUR, which, sums, read + step * read_step, 1, read_row,
            d + step * slice_rows * PANEL, PANEL, slice_rows
        );
    UNROLLED
    for (int r = 0; r < rows; r++)
        UNROLLED
        for (int v = 0; v < vectors; v++) OWN(store)(part + r * PANEL + v * LANES, sums[r][v]);
}

INLINE void OWN(back_slice)(const int cell, const Layer *layer, int64_t slice, float *room, int64_t chunk) {
    const int64_t panels = layer->padded / OWN(units)(cell), first = slice * layer->slice;
    const int64_t padded = layer->padded, size = layer->size, width = layer->width, batch = layer->batch;
    const int64_t rows = batch - first < layer->slice ? batch - first : layer->slice;
    const float *gates = layer->gates ? layer->gates + first * layer->steps * panels * PANEL : 0;
    float *part_u = layer->part_u + slice * panels * size * PANEL, *part_w = layer->part_w + slice * panels * width * PANEL;
    float *part_bias = layer->part_bias + slice * panels * PANEL, *d_below = room + panels * chunk * rows * PANEL;
    memset(part_u, 0, panels * size * PANEL * sizeof(float));
    memset(part_w, 0, panels * width * PANEL * sizeof(float));
    memset(part_bias, 0, panels * PANEL * sizeof(float));
    const int64_t d_panel = chunk * rows * PANEL, blocks = (size + PANEL - 1) / PANEL, d_row = blocks * PANEL;
    const int64_t block_floats = panels * OWN(taking_part)(cell) * LANES * PANEL;
    for (int64_t end = layer->steps; end > 0; end -= chunk) {
        const int64_t start = end > chunk ? end - chunk : 0;
        for (int64_t step = end - 1; step >= start; step--) {
            float *d = room + (step - start) * rows * PANEL;
            for (int64_t panel = 0; panel < panels; panel++)
                OWN(back_gates)(
                    cell, layer, step, first, rows, panel,
                    gates ? gates + (panel * layer->steps + step) * rows * PANEL : 0, d + panel * d_panel
                );
            if (step == 0 && !layer->given) continue;
            for (int64_t block = 0; block < blocks; block++)
                for (int64_t from = 0; from < panels; from += BLOCK) {
                    const int64_t to = from + BLOCK < panels ? from + BLOCK : panels;
                    IN_TILES(
                        rows, OWN(spread_tile)(
                                  rows_here, cell, 1, d + row * PANEL, d_panel, layer->turned + block * block_floats, from,
                                  to, layer->d_h + (first + row) * d_row + block * PANEL, d_row
                              )
                    );
                }
        }
        const int64_t skipped = start == 0 && !layer->given ? 1 : 0;
        for (int64_t panel = 0; panel < panels; panel++) {
            const float *d = room + panel * d_panel;
            if (end - start > skipped)
                IN_TILES(
                    size, OWN(gather_tile)(
                              rows_here, cell, 1, layer->states + ((start + skipped) * batch + first) * padded + row,
                              batch * padded, padded, end - start - skipped, rows, d + skipped * rows * PANEL,
                              part_u + (panel * size + row) * PANEL
                          )
                );
            float *part = part_w + panel * width * PANEL;
            if (layer->tokens) {
                for (int64_t step = start; step < end; step++)
                    for (int64_t row = 0; row < rows; row++, d += PANEL) {
                        const int64_t place = step * layer->step_stride + (first + row) * layer->row_stride;
                        float *to = part + PANEL * OWN(within)(layer, layer->tokens[place]);
                        for (int v = 0; v < 4; v++) OWN(store)(to + v * LANES, OWN(load)(to + v * LANES) + OWN(load)(d + v * LANES));
                    }
                continue;
            }
            IN_TILES(
                width, OWN(gather_tile)(
                           rows_here, cell, 0, layer->values + start * layer->step_stride + first * layer->row_stride + row,
                           layer->step_stride, layer->row_stride, end - start, rows, d, part + row * PANEL
                       )
            );
            vec bias[4];
            for (int v = 0; v < 4; v++) bias[v] = OWN(load)(part_bias + panel * PANEL + v * LANES);
            for (int64_t row = 0; row < (end - start) * rows; row++, d += PANEL)
                for (int v = 0; v < 4; v++) bias[v] += OWN(load)(d + v * LANES);
            for (int v = 0; v < 4; v++) OWN(store)(part_bias + panel * PANEL + v * LANES, bias[v]);
        }
        if (!layer->d_values) continue;
        for (int64_t first_column = 0; first_column < width; first_column += PANEL) {
            const int64_t columns = width - first_column < PANEL ? width - first_column : PANEL;
            const float *stacked = layer->table + first_column / PANEL * block_floats;
            for (int64_t step = start; step < end; step++) {
                memset(d_below, 0, rows * PANEL * sizeof(float));
                for (int64_t from = 0; from < panels; from += BLOCK) {
                    const int64_t to = from + BLOCK < panels ? from + BLOCK : panels;
                    IN_TILES(
                        rows, OWN(spread_tile)(
                                  rows_here, cell, 0, room + ((step - start) * rows + row) * PANEL, d_panel, stacked, from,
                                  to, d_below + row * PANEL, PANEL
                              )
                    );
                }
                for (int64_t row = 0; row < rows; row++)
                    memcpy(
                        layer->d_values + (step * batch + first + row) * width + first_column, d_below + row * PANEL,
                        columns * sizeof(float)
                    );
            }
        }
    }
}

/* The parts of all slices, (slices, panels, count, 4 vectors), added up, as (gates · size, count), for one panel. */
static TARGET void OWN(collect)(const Layer *layer, const float *parts, int64_t count, float *out, int64_t panel) {
    const int64_t panels = layer->padded / OWN(units)(layer->cell);
    const int64_t slices = (layer->batch + layer->slice - 1) / layer->slice;
    const int vectors = OWN(taking_part)(layer->cell);
    for (int64_t first = 0; first < count; first += 16) {
        const int64_t here = count - first < 16 ? count - first : 16;
        float sums[16][PANEL];
        for (int64_t n = 0; n < here; n++)
            for (int v = 0; v < vectors; v++) {
                vec sum = OWN(all)(0.0f);
                for (int64_t slice = 0; slice < slices; slice++)
                    sum += OWN(load)(parts + ((slice * panels + panel) * count + first + n) * PANEL + v * LANES);
                OWN(store)(sums[n] + v * LANES, sum);
            }
        for (int v = 0; v < vectors; v++) {
            const int64_t unit = OWN(unit_of)(layer->cell, panel, v), gate = OWN(gate_of)(layer->cell, v);
            for (int64_t lane = 0; lane < LANES && unit + lane < layer->size; lane++)
                for (int64_t n = 0; n < here; n++)
                    out[(gate * layer->size + unit + lane) * count + first + n] = sums[n][v * LANES + lane];
        }
    }
}

static TARGET void OWN(collect_biases)(const Layer *layer, int64_t panel) {
    const int64_t panels = layer->padded / OWN(units)(layer->cell);
    const int64_t slices = (layer->batch + layer->slice - 1) / layer->slice;
    float sums[PANEL] = {0};
    for (int64_t slice = 0; slice < slices; slice++) {
        /* What the tokens' columns got is what the bias got. */
        const int64_t count = layer->tokens ? layer->width : 1;
        const float *part = (layer->tokens ? layer->part_w : layer->part_bias) + (slice * panels + panel) * count * PANEL;
        for (int64_t n = 0; n < count; n++)
            for (int v = 0; v < 4; v++)
                OWN(store)(sums + v * LANES, OWN(load)(sums + v * LANES) + OWN(load)(part + n * PANEL + v * LANES));
    }
    for (int v = 0; v < 4; v++) {
        const int64_t unit = OWN(unit_of)(layer->cell, panel, v), gate = OWN(gate_of)(layer->cell, v);
        for (int64_t lane = 0; lane < LANES && unit + lane < layer->size; lane++) {
            const int64_t place = gate * layer->size + unit + lane;
            if (!(layer->cell == GRU && v == 3)) layer->d_bias[place] = sums[v * LANES + lane];
            if (!(layer->cell == GRU && v == 2)) layer->d_recurrent_bias[place] = sums[v * LANES + lane];
        }
    }
}

static TARGET void OWN(turn_all)(const Layer *layer, int64_t from, int64_t to) {
    for (int64_t panel = from; panel < to; panel++) {
        OWN(turn)(layer, layer->u, layer->size, layer->turned, panel);
        OWN(turn)(layer, layer->w, layer->width, layer->table, panel);
        OWN(set_biases)(layer, panel);
    }
}

static TARGET void OWN(stack_all)(const Layer *layer, int64_t from, int64_t to) {
    for (int64_t block = from; block < to; block++) {
        if (block * PANEL < layer->size) OWN(stack)(layer, layer->u, layer->size, layer->turned, block);
        if (layer->d_values && block * PANEL < layer->width) OWN(stack)(layer, layer->w, layer->width, layer->table, block);
    }
}

static TARGET void OWN(onward)(const Layer *layer, int64_t from, int64_t to) {
    for (int64_t slice = from; slice < to; slice++) switch (layer->cell) {
        case LSTM: OWN(onward_slice)(LSTM, layer, slice); break;
        case GRU: OWN(onward_slice)(GRU, layer, slice); break;
        default: OWN(onward_slice)(ELMAN, layer, slice); break;
    }
}

static TARGET int OWN(read_tree)(const Layer *layer, int64_t from, int64_t to) {
    float *room = aligned_alloc(64, 2 * layer->batch * layer->padded * sizeof(float) + 64 - 2 * layer->batch * layer->padded * sizeof(float) % 64);
    if (!room) return 1;
    for (int64_t slice = from; slice < to; slice++) switch (layer->cell) {
        case LSTM: OWN(onward_tree)(LSTM, layer, slice, room); break;
        case GRU: OWN(onward_tree)(GRU, layer, slice, room); break;
        default: OWN(onward_tree)(ELMAN, layer, slice, room); break;
    }
    free(room);
    return 0;
}

static TARGET int OWN(back)(const Layer *layer, int64_t from, int64_t to) {
    const int64_t panels = layer->padded / OWN(units)(layer->cell);
    const int64_t rows = layer->batch < layer->slice ? layer->batch : layer->slice;
    int64_t chunk = rows < CHUNK ? CHUNK / rows : 1;
    if (chunk > layer->steps) chunk = layer->steps;
    float *room = aligned_alloc(64, (panels * chunk + 1) * rows * PANEL * sizeof(float));
    if (!room) return 1;
    for (int64_t slice = from; slice < to; slice++) switch (layer->cell) {
        case LSTM: OWN(back_slice)(LSTM, layer, slice, room, chunk); break;
        case GRU: OWN(back_slice)(GRU, layer, slice, room, chunk); break;
        default: OWN(back_slice)(ELMAN, layer, slice, room, chunk); break;
    }
    free(room);
    return 0;
}

static TARGET void OWN(collect_all)(const Layer *layer, int64_t from, int64_t to) {
    for (int64_t panel = from; panel < to; panel++) {
        OWN(collect)(layer, layer->part_u, layer->size, layer->d_u, panel);
        OWN(collect)(layer, layer->part_w, layer->width, layer->d_w, panel);
        if (layer->bias) OWN(collect_biases)(layer, panel);
    }
}

#define WORD_(name) #name
#define WORD(name) WORD_(name)

static const Kind OWN(kind) = {
    WORD(NAME), LANES, OWN(turn_all), OWN(stack_all), OWN(onward), OWN(read_tree), OWN(back), OWN(collect_all),
};

#undef vec
#undef INLINE
#undef PANEL
#undef BLOCK
#undef OWN
#undef JOIN
#undef JOIN_
#undef WORD
#undef WORD_
#undef TILE
#undef ALL_FOUR
#undef FROM_BELOW
#undef FROM_STATE
#undef DIGIT
#undef IN_TILES
#undef NAME
#undef TARGET
#undef LANES
#undef ROWS
#undef LEAST
#undef MOST
