/*@ plus */
static inline $T tv_plus_$t($T a, $T b) { return ($T)(a + b); }
/*@ plus f16 */
static inline $T tv_plus_$t($T a, $T b) { return tv_half_bits(tv_half_f32(tv_half_value(a) + tv_half_value(b))); }
/*@ times */
static inline $T tv_times_$t($T a, $T b) { return ($T)(a * b); }
/*@ times c */
static inline $T tv_times_$t($T a, $T b) { return tv_mul_$t(a, b); }
/*@ times f16 */
static inline $T tv_times_$t($T a, $T b) { return tv_half_bits(tv_half_f32(tv_half_value(a) * tv_half_value(b))); }
/*@ unit */
static inline $T tv_unit_$t(void) { return 1; }
/*@ unit f16 */
static inline $T tv_unit_$t(void) { return 0x3c00; }
/*@ cumsum */
TV_SCAN(tv_cumsum_$t, $T, tv_plus_$t(a, b))
/*@ cumprod */
TV_SCAN(tv_cumprod_$t, $T, tv_times_$t(a, b))
/*@ larger_half plain */
/* The larger of two float16, the first if it is NaN or they are equal. */
static inline tv_half tv_larger_half(tv_half a, tv_half b)
{
    const float x = tv_half_value(a), y = tv_half_value(b);
    return (x >= y) | (x != x) ? a : b;
}
/*@ smaller_half plain */
static inline tv_half tv_smaller_half(tv_half a, tv_half b)
{
    const float x = tv_half_value(a), y = tv_half_value(b);
    return (x <= y) | (x != x) ? a : b;
}
/*@ cummax f16 */
TV_SCAN(tv_cummax_$t, $T, tv_larger_half(a, b))
/*@ cummin f16 */
TV_SCAN(tv_cummin_$t, $T, tv_smaller_half(a, b))
/*@ cummax f */
TV_SCAN(tv_cummax_$t, $T, (a >= b || a != a ? a : b))
/*@ cummax */
TV_SCAN(tv_cummax_$t, $T, (a > b ? a : b))
/*@ cummin f */
TV_SCAN(tv_cummin_$t, $T, (a <= b || a != a ? a : b))
/*@ cummin */
TV_SCAN(tv_cummin_$t, $T, (a < b ? a : b))
/*@ logadd */
static inline $T tv_logadd_$t($T a, $T b) { return (a > b ? a : b) + log1p$f(exp$f(a == b ? 0 : -fabs$f(a - b))); }
/*@ logadd f16 */
static inline $T tv_logadd_$t($T a, $T b)
{
    return tv_half_bits(tv_half_f32(tv_logadd_f32(tv_half_value(a), tv_half_value(b))));
}
/*@ logcumsumexp */
TV_SCAN(tv_logcumsumexp_$t, $T, tv_logadd_$t(a, b))
/*@ prod_others */
/* y[k] = the product of all x but x[k] along the last axis but one: of those before, then of those after; see TV_SCAN. */
TV_KERNEL int tv_prod_others_$t($T *to, const i64 *ts, const $T *from, const i64 *fs, const i64 *shape, int ndim, i64 width, i64 lo,
                                i64 hi, tv_call *call)
{
    const i64 n = shape[ndim - 2], m = shape[ndim - 1], tn = ts[ndim - 2], fn = fs[ndim - 2], tl = ts[ndim - 1], fl = fs[ndim - 1];
    const i64 blocks = (m + width - 1) / width;
    $T s[1024];
    for (i64 row = lo; row < hi; row++) {
        const i64 r = row / blocks, first = row % blocks * width, w = m - first < width ? m - first : width;
        $T *y = to + tv_row_start(r, ts, shape, ndim - 2) + first * tl;
        const $T *x = from + tv_row_start(r, fs, shape, ndim - 2) + first * fl;
        i64 patience = TV_PATIENCE;
        for (i64 j = 0; j < w; j++) s[j] = tv_unit_$t();
        for (i64 k = 0; k < n; k++) {
            for (i64 j = 0; j < w; j++) { y[k * tn + j * tl] = s[j]; s[j] = tv_times_$t(s[j], x[k * fn + j * fl]); }
            if ((patience -= w) < 0) { patience = TV_PATIENCE; if (call && call->poll(call)) return 1; }
        }
        for (i64 j = 0; j < w; j++) s[j] = tv_unit_$t();
        for (i64 k = n - 1; k >= 0; k--) {
            for (i64 j = 0; j < w; j++) {
                y[k * tn + j * tl] = tv_times_$t(y[k * tn + j * tl], s[j]);
                s[j] = tv_times_$t(s[j], x[k * fn + j * fl]);
            }
            if ((patience -= w) < 0) { patience = TV_PATIENCE; if (call && call->poll(call)) return 1; }
        }
    }
    return 0;
}
/*@ recurrence */
/* y[k] = a[k] y[k-1] + b[k] along the last axis but one; see TV_SCAN. `factors` are the strides of a. */
TV_KERNEL int tv_recurrence_$t($T *to, const i64 *ts, const $T *from, const i64 *fs, const $T *factor, const i64 *factors,
                               const i64 *shape, int ndim, i64 width, i64 lo, i64 hi, tv_call *call)
{
    const i64 n = shape[ndim - 2], m = shape[ndim - 1], tn = ts[ndim - 2], fn = fs[ndim - 2], an = factors[ndim - 2];
    const i64 tl = ts[ndim - 1], fl = fs[ndim - 1], al = factors[ndim - 1], blocks = (m + width - 1) / width;
    if (n == 0) return 0;
    for (i64 row = lo; row < hi; row++) {
        const i64 r = row / blocks, first = row % blocks * width, w = m - first < width ? m - first : width;
        $T *y = to + tv_row_start(r, ts, shape, ndim - 2) + first * tl;
        const $T *x = from + tv_row_start(r, fs, shape, ndim - 2) + first * fl;
        const $T *a = factor + tv_row_start(r, factors, shape, ndim - 2) + first * al;
        i64 patience = TV_PATIENCE;
        for (i64 j = 0; j < w; j++) y[j * tl] = x[j * fl];
        for (i64 k = 1; k < n; k++) {
            const $T *before = y;
            y += tn; x += fn; a += an;
            if (tl == 1 && fl == 1 && al == 1) for (i64 j = 0; j < w; j++) y[j] = tv_plus_$t(tv_times_$t(a[j], before[j]), x[j]);
            else for (i64 j = 0; j < w; j++) y[j * tl] = tv_plus_$t(tv_times_$t(a[j * al], before[j * tl]), x[j * fl]);
            if ((patience -= w) < 0) { patience = TV_PATIENCE; if (call && call->poll(call)) return 1; }
        }
    }
    return 0;
}
