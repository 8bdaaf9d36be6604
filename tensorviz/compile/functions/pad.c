/*@ pad_source plain */
/* Which element of an axis of length n > 0 stands at place i of the axis prolonged: modes 1 edge, 2 reflect, 3 symmetric, 4 wrap. */
static inline i64 tv_pad_source(i64 i, i64 n, int mode)
{
    if (mode == 1) return i < 0 ? 0 : i < n ? i : n - 1;
    const i64 period = mode == 2 ? (n > 1 ? 2 * n - 2 : 1) : mode == 3 ? 2 * n : n;
    i %= period;
    i += i < 0 ? period : 0;
    return i < n ? i : mode == 2 ? period - i : 2 * n - 1 - i;
}
/*@ pad_border */
/* The border of one axis around `row`: `inner` elements for each place. Mode 0 fills it with a value, others copy what is inside. */
static inline void tv_pad_border_$t($T *row, i64 before, i64 n, i64 after, i64 inner, $T value, int mode)
{
    $T *end = row + (before + n) * inner;
    if (mode == 0) {
        for (i64 j = 0; j < before * inner; j++) row[j] = value;
        for (i64 j = 0; j < after * inner; j++) end[j] = value;
        return;
    }
    const $T *inside = row + before * inner;
    for (i64 j = 0; j < before; j++)
        __builtin_memcpy(row + j * inner, inside + tv_pad_source(j - before, n, mode) * inner, (size_t)inner * sizeof($T));
    for (i64 j = 0; j < after; j++)
        __builtin_memcpy(end + j * inner, inside + tv_pad_source(n + j, n, mode) * inner, (size_t)inner * sizeof($T));
}
/*@ pad */
/* x of lengths n put into the dense `out`, then the borders, those of the last axis first: each is then a run of memory. */
static int tv_pad_$t(tv_call *call, $T *out, const $T *x, const i64 *strides, const i64 *n, const i64 *before, const i64 *after, int ndim,
                     $T value, int mode)
{
    i64 step[33], patience = (i64)1 << 20;
    step[ndim] = 1;
    for (int k = ndim - 1; k >= 0; k--) step[k] = step[k + 1] * (before[k] + n[k] + after[k]);
    if (step[0] == 0) return 0;
    if (ndim == 0) out[0] = x[0];
    for (int k = ndim - 1; k >= 0; k--) {
        i64 at[32] = {0};
        int empty = 0;
        $T *row = out;
        const $T *from = x;
        for (int j = 0; j < k; j++) { row += before[j] * step[j + 1]; empty |= n[j] == 0; }
        while (!empty) {
            if (k == ndim - 1) {
                $T *to = row + before[k];
                const i64 m = n[k], s = strides[k];
                if (s == 1) for (i64 i = 0; i < m; i++) to[i] = from[i];
                else for (i64 i = 0; i < m; i++) to[i] = from[i * s];
            }
            tv_pad_border_$t(row, before[k], n[k], after[k], step[k + 1], value, mode);
            if ((patience -= step[k]) < 0) { patience = (i64)1 << 20; if (call->poll(call)) return TV_STOPPED; }
            int j = k - 1;
            for (; j >= 0; j--) {
                row += step[j + 1]; from += strides[j];
                if (++at[j] < n[j]) break;
                row -= n[j] * step[j + 1]; from -= n[j] * strides[j]; at[j] = 0;
            }
            if (j < 0) break;
        }
    }
    return 0;
}
