/*@ conv_outer f */
/* c (high taps, wide vectors of filters) += the sum over positions of x, where each tap reads it, times the vectors in g. */
static inline __attribute__((always_inline)) void tv_conv_outer_$t(const int high, const int wide, i64 rows, i64 n, const $T *g, i64 lanes,
                                                              const $T *x, const i64 *base, const i64 *offset, $T *c)
{
    TV_CONTRACT
    const i64 each = tv_conv_lanes_$t();
    tv_vector_$t sum[8][3];
    for (int i = 0; i < high; i++) for (int j = 0; j < wide; j++) sum[i][j] = (tv_vector_$t){0};
    for (i64 r = 0; r < rows; r++) {
        const $T *at[8];
        for (int i = 0; i < high; i++) at[i] = x + base[r] + offset[i];
        for (i64 p = 0; p < n; p++, g += lanes) {
            tv_vector_$t v[3];
            for (int j = 0; j < wide; j++) v[j] = *(const tv_loose_$t *)(g + j * each);
            for (int i = 0; i < high; i++) for (int j = 0; j < wide; j++) sum[i][j] += at[i][p] * v[j];
        }
    }
    for (int i = 0; i < high; i++) for (int j = 0; j < wide; j++) *(tv_loose_$t *)(c + i * lanes + j * each) += sum[i][j];
}
/*@ conv_outer_of f */
TV_FUSED void tv_conv_outer_of_$t(int wide, i64 rows, i64 n, const $T *g, i64 lanes, const $T *x, const i64 *base, const i64 *offset, $T *c)
{
    if (wide == 3) tv_conv_outer_$t(TV_HIGH, 3, rows, n, g, lanes, x, base, offset, c);
    else if (wide == 2) tv_conv_outer_$t(TV_HIGH, 2, rows, n, g, lanes, x, base, offset, c);
    else tv_conv_outer_$t(TV_HIGH, 1, rows, n, g, lanes, x, base, offset, c);
}
/*@ conv_dots f */
/* c[i] += the scalar product of g with x where tap i reads it, for TV_HIGH taps; rows of g are n long, `row` apart. */
TV_FUSED void tv_conv_dots_$t(i64 rows, i64 n, const $T *g, i64 row, const $T *x, const i64 *base, const i64 *offset, $T *c, i64 by)
{
    TV_CONTRACT
    const i64 lanes = tv_conv_lanes_$t();
    typedef int$n_t tv_mask_$t __attribute__((vector_size(TV_WIDTH)));
    tv_vector_$t sum[8] = {{0}};
    tv_mask_$t mask;
    for (int k = 0; k < lanes; k++) mask[k] = k < n % lanes ? -1 : 0;
    for (i64 r = 0; r < rows; r++, g += row) {
        const $T *at = x + base[r];
        i64 p = 0;
        for (; p + lanes <= n; p += lanes) {
            const tv_vector_$t v = *(const tv_loose_$t *)(g + p);
            for (int i = 0; i < TV_HIGH; i++) sum[i] += v * *(const tv_loose_$t *)(at + offset[i] + p);
        }
        if (p < n) {                            /* what stands beyond the row may be infinite: it counts as 0 */
            const tv_vector_$t v = (tv_vector_$t)((tv_mask_$t)*(const tv_loose_$t *)(g + p) & mask);
            for (int i = 0; i < TV_HIGH; i++)
                sum[i] += v * (tv_vector_$t)((tv_mask_$t)*(const tv_loose_$t *)(at + offset[i] + p) & mask);
        }
    }
    for (int i = 0; i < TV_HIGH; i++) {
        $T total = 0;
        for (int k = 0; k < lanes; k++) total += sum[i][k];
        c[i * by] += total;
    }
}
/*@ conv_filters f */
/* The transpose of conv in w: out[o, c, t] = the sum over n, p of g[n, o, p] * x[n, c, p * step + t * gap - before]. Each part of
   the images has sums of its own. The numbers are those of conv. */
static int tv_conv_filters_$t(tv_call *call, const $T *x, const i64 *xs, const $T *g, const i64 *gs, $T *out, const i64 *n)
{
    const i64 *size = n + 4, *taps = n + 7, *to = n + 10, *step = n + 13, *before = n + 16, *gap = n + 19;
    const i64 all = n[2] * (n[1] / n[3]) * taps[0] * taps[1] * taps[2];
    for (i64 i = 0; i < all; i++) out[i] = 0;
    if (!all || !n[0] || !to[0] || !to[1] || !to[2]) return 0;
    tv_windows p = {n[0], n[2] / n[3], n[1] / n[3], n[3]};
    i64 *table = malloc((size_t)(2 * (taps[0] + taps[1] + taps[2])) * sizeof(i64)), *next = table, area = 1;
    if (!table) return TV_MEMORY;
    for (int d = 2; d >= 0; d--) {
        p.size[d] = size[d]; p.taps[d] = taps[d]; p.out[d] = to[d]; p.step[d] = step[d];
        p.filter_strides[d + 2] = area; area *= taps[d];
        p.at[d] = next; p.tap[d] = next + taps[d];
        for (i64 t = 0; t < taps[d]; t++) { next[t] = t * gap[d] - before[d]; next[taps[d] + t] = t; }
        next += 2 * taps[d];
    }
    p.filter_strides[1] = area; p.filter_strides[0] = area * p.channels;
    for (int d = 0; d < 5; d++) p.strides[d] = xs[d];
    int status = tv_windows_plan(&p, 0);
    if (!status) { status = tv_conv_filter_sums_$t(call, &p, x, g, gs, out); free(p.offset); }
    free(table);
    return status;
}
/*@ conv_filter_sums f */
static int tv_conv_filter_sums_$t(tv_call *call, const tv_windows *w, const $T *x, const $T *g, const i64 *gs, $T *out)
{
    const i64 wide = tv_conv_lanes_$t(), vectors = tv_ceil(w->rows, wide), sum = tv_ceil(w->sum, TV_HIGH) * TV_HIGH, n = w->out[2];
    const int dots = w->rows < 4;
    const i64 lanes = dots ? w->rows : vectors * wide, row = dots ? tv_ceil(n, wide) * wide : n * lanes;
    i64 per = (i64)(TV_BLOCK / sizeof($T)) / (w->image + 1), parts = tv_ceil(call->threads, w->groups);
    if (w->images * w->count * w->sum * w->rows < 65536) parts = 1;
    parts = parts > w->images ? w->images : parts;
    const i64 share = tv_ceil(w->images, parts), units = w->groups * parts;
    const i64 workers = units < call->threads ? units : w->images * w->count * w->sum * w->rows * w->groups < 65536 ? 1 : call->threads;
    per = per > share ? share : per < 1 ? 1 : per;
    const i64 rows = per * w->out[0] * w->out[1];
    i64 chunk = (TV_BLOCK / 2) / (i64)sizeof($T) / (row * (dots ? w->rows : 1));
    chunk = chunk < 1 ? 1 : chunk > rows ? rows : chunk;
    const i64 room = (per * w->image + chunk * row * (dots ? w->rows : 1) + 3 * wide + 15) / 16 * 16;
    $T *memory = malloc((size_t)(room * workers + units * sum * lanes + 64) * sizeof($T));
    i64 *lists = malloc((size_t)(sum + workers * chunk) * sizeof(i64));
    if (!memory || !lists) { free(memory); free(lists); return TV_MEMORY; }
    $T *scratch = ($T *)(((uintptr_t)memory + 63) / 64 * 64), *sums = scratch + room * workers;
    for (i64 k = 0; k < sum; k++) lists[k] = w->offset[k < w->sum ? k : w->sum - 1];
    for (i64 k = 0; k < units * sum * lanes; k++) sums[k] = 0;
    for (i64 k = 0; k < room * workers; k++) scratch[k] = 0;
    volatile int stop = 0;
    #pragma omp parallel for num_threads(workers) schedule(static, 1) if(workers > 1)
    for (i64 k = 0; k < workers; k++) for (i64 u = k; u < units && !stop; u += workers) {
        const i64 group = u / parts, end = w->images < (u % parts + 1) * share ? w->images : (u % parts + 1) * share;
        $T *copy = scratch + k * room, *turned = copy + per * w->image + wide;
        i64 *base = lists + sum + k * chunk;
        for (i64 from = u % parts * share; from < end && !stop; from += per) {
            const i64 some = end - from < per ? end - from : per;
            for (i64 i = 0; i < some; i++)
                tv_window_copy_$t(w, x + group * w->channels * w->strides[1] + (from + i) * w->strides[0], copy + i * w->image, 0, w->channels);
            for (i64 lo = 0; lo < some * w->out[0] * w->out[1] && !stop; lo += chunk) {
                const i64 left = some * w->out[0] * w->out[1] - lo, high = left < chunk ? left : chunk;
                for (i64 r = 0; r < high; r++) {
                    const i64 y = (lo + r) % w->out[1], z = (lo + r) / w->out[1] % w->out[0], i = (lo + r) / w->out[1] / w->out[0];
                    const $T *at = g + (from + i) * gs[0] + group * w->rows * gs[1] + z * gs[2] + y * gs[3];
                    base[r] = tv_window_at(w, i, z, y, 0);
                    if (dots) for (i64 m = 0; m < w->rows; m++)
                        for (i64 q = 0; q < n; q++) turned[(m * chunk + r) * row + q] = at[m * gs[1] + q * gs[4]];
                    else for (i64 m = 0; m < w->rows; m++)
                        for (i64 q = 0; q < n; q++) turned[(r * n + q) * lanes + m] = at[m * gs[1] + q * gs[4]];
                }
                for (i64 t = 0; t < sum && !stop; t += TV_HIGH) {
                    $T *c = sums + (u * sum + t) * lanes;
                    if (dots) for (i64 m = 0; m < w->rows; m++)
                        tv_conv_dots_$t(high, n, turned + m * chunk * row, row, copy, base, lists + t, c + m, lanes);
                    else for (i64 v = 0; v < vectors;) {
                        const int some_v = vectors - v == 4 || vectors - v == 2 ? 2 : vectors - v >= 3 ? 3 : 1;
                        tv_conv_outer_of_$t(some_v, high, n, turned + v * wide, lanes, copy, base, lists + t, c + v * wide);
                        v += some_v;
                    }
                    if (k == 0 && t % (16 * TV_HIGH) == 0 && call->poll(call)) stop = 1;
                }
            }
        }
    }
    for (i64 u = 0; u < units; u++) for (i64 m = 0; m < w->rows; m++) for (i64 t = 0; t < w->sum; t++)
        out[(u / parts * w->rows + m) * w->sum + w->place[t]] += sums[(u * sum + t) * lanes + m];
    free(memory);
    free(lists);
    return stop ? TV_STOPPED : 0;
}
