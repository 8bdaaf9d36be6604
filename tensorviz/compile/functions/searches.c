/*@ below f */
/* Whether a number of a sorted array stands before x: is less, or equal too if `right`. NaN is the largest. */
static inline int tv_below_$t($T number, $T x, int right)
{
    return right ? !((x < number) | ((number != number) & (x == x))) : (number < x) | ((x != x) & (number == number));
}
/*@ below */
static inline int tv_below_$t($T number, $T x, int right) { return right ? number <= x : number < x; }
/*@ before c */
/* NumPy's order of complex numbers: by real part, then by imaginary part, those with a NaN after the others as sorts have them. */
static inline int tv_before_$t($T a, $T b)
{
    const $R x = __real__ a, y = __real__ b, u = __imag__ a, v = __imag__ b;
    if (x < y) return (u == u) | (v != v);
    if (x > y) return (v != v) & (u == u);
    if ((x == y) | ((x != x) & (y != y))) return (u < v) | ((v != v) & (u == u));
    return y != y;
}
/*@ below c */
static inline int tv_below_$t($T number, $T x, int right) { return right ? !tv_before_$t(x, number) : tv_before_$t(number, x); }
/*@ below f16 */
static inline int tv_below_$t($T number, $T x, int right) { return tv_below_f32(tv_half_value(number), tv_half_value(x), right); }
/*@ above */
static inline int tv_above_$t($T a, $T b) { return a > b; }
/*@ above f16 */
static inline int tv_above_$t($T a, $T b) { return tv_half_value(a) > tv_half_value(b); }
/*@ searchsorted */
/* For each x of rows lo to hi how many of the n sorted numbers stand before it. Eight searches go on at a time, without branches:
   each waits for memory. `right` is a constant for the compiler. */
static inline __attribute__((always_inline))
int tv_search_$t(i64 *to, const i64 *ts, const $T *from, const i64 *fs, const i64 *shape, int ndim,
                 const $T *sorted, i64 step, i64 n, int right, i64 lo, i64 hi, tv_call *call)
{
    const i64 m = shape[ndim - 1], tn = ts[ndim - 1], fn = fs[ndim - 1];
    i64 patience = TV_PATIENCE;
    for (i64 row = lo; row < hi; row++) {
        i64 *y = to + tv_row_start(row, ts, shape, ndim - 1);
        const $T *x = from + tv_row_start(row, fs, shape, ndim - 1);
        for (i64 first = 0; first < m; first += 8) {
            const int w = m - first < 8 ? (int)(m - first) : 8;
            i64 at[8] = {0}, left = n;
            $T v[8] = {0};
            for (int j = 0; j < w; j++) v[j] = x[(first + j) * fn];
            while (left > 1) {
                const i64 half = left / 2;
                for (int j = 0; j < 8; j++) at[j] += half & -(i64)tv_below_$t(sorted[(at[j] + half - 1) * step], v[j], right);
                left -= half;
            }
            for (int j = 0; j < w; j++) y[(first + j) * tn] = n ? at[j] + tv_below_$t(sorted[at[j] * step], v[j], right) : 0;
            if ((patience -= 64) < 0) { patience = TV_PATIENCE; if (call && call->poll(call)) return 1; }
        }
    }
    return 0;
}
TV_KERNEL int tv_searchsorted_$t(i64 *to, const i64 *ts, const $T *from, const i64 *fs, const i64 *shape, int ndim,
                                 const $T *sorted, i64 step, i64 n, int right, i64 lo, i64 hi, tv_call *call)
{
    if (step == 1 && right) return tv_search_$t(to, ts, from, fs, shape, ndim, sorted, 1, n, 1, lo, hi, call);
    if (step == 1) return tv_search_$t(to, ts, from, fs, shape, ndim, sorted, 1, n, 0, lo, hi, call);
    return tv_search_$t(to, ts, from, fs, shape, ndim, sorted, step, n, right, lo, hi, call);
}
/*@ digitize */
/* The bin of each x of rows lo to hi; bins may go down. Refuses bins that go up and down. */
TV_KERNEL int tv_digitize_$t(i64 *to, const i64 *ts, const $T *from, const i64 *fs, const i64 *shape, int ndim,
                             const $T *bins, i64 step, i64 n, int right, i64 lo, i64 hi, tv_call *call)
{
    int up = 1, down = 1;
    for (i64 i = 1; i < n; i++) {
        up &= !tv_above_$t(bins[(i - 1) * step], bins[i * step]);
        down &= !tv_above_$t(bins[i * step], bins[(i - 1) * step]);
    }
    if (up) return tv_searchsorted_$t(to, ts, from, fs, shape, ndim, bins, step, n, !right, lo, hi, call);
    if (!down) return TV_SHAPE;
    const int failed = tv_searchsorted_$t(to, ts, from, fs, shape, ndim, bins + (n - 1) * step, -step, n, !right, lo, hi, call);
    if (failed) return failed;
    for (i64 row = lo; row < hi; row++) {
        i64 *y = to + tv_row_start(row, ts, shape, ndim - 1);
        for (i64 i = 0; i < shape[ndim - 1]; i++) y[i * ts[ndim - 1]] = n - y[i * ts[ndim - 1]];
    }
    return 0;
}
