/*@ row_start */
/* Where row r of the leading axes of a strided array begins. */
static inline i64 tv_row_start(i64 r, const i64 *strides, const i64 *shape, int ndim)
{
    i64 at = 0;
    for (int k = ndim - 1; k >= 0; k--) { at += r % shape[k] * strides[k]; r /= shape[k]; }
    return at;
}
/*@ scan */
/* y[k] = STEP(y[k-1], x[k]) along the last axis but one; `width` elements of the last at a time, which is one row of lo to hi.
   Elements that lie side by side are computed as vectors, others eight in step. `call` is 0 where nobody may be asked whether
   to stop. */
#define TV_SCAN(NAME, T, STEP) \
TV_KERNEL int NAME(T *to, const i64 *ts, const T *from, const i64 *fs, const i64 *shape, int ndim, i64 width, i64 lo, i64 hi, \
                   tv_call *call) \
{ \
    const i64 n = shape[ndim - 2], m = shape[ndim - 1], tn = ts[ndim - 2], fn = fs[ndim - 2], tl = ts[ndim - 1], fl = fs[ndim - 1]; \
    const i64 blocks = (m + width - 1) / width; \
    if (n == 0) return 0; \
    for (i64 row = lo; row < hi; row++) { \
        const i64 r = row / blocks, first = row % blocks * width, w = m - first < width ? m - first : width; \
        T *y = to + tv_row_start(r, ts, shape, ndim - 2) + first * tl; \
        const T *x = from + tv_row_start(r, fs, shape, ndim - 2) + first * fl; \
        i64 patience = TV_PATIENCE; \
        if (tl == 1 && fl == 1 && w >= 4) { \
            for (i64 j = 0; j < w; j++) y[j] = x[j]; \
            for (i64 k = 1; k < n; k++) { \
                const T *before = y; \
                y += tn; x += fn; \
                for (i64 j = 0; j < w; j++) { const T a = before[j], b = x[j]; y[j] = STEP; } \
                if ((patience -= w) < 0) { patience = TV_PATIENCE; if (call && call->poll(call)) return 1; } \
            } \
        } else if (w == 8) { \
            T s[8]; \
            for (int j = 0; j < 8; j++) y[j * tl] = s[j] = x[j * fl]; \
            for (i64 k = 1; k < n; k++) { \
                y += tn; x += fn; \
                for (int j = 0; j < 8; j++) { const T a = s[j], b = x[j * fl]; y[j * tl] = s[j] = STEP; } \
                if ((patience -= 8) < 0) { patience = TV_PATIENCE; if (call && call->poll(call)) return 1; } \
            } \
        } else for (i64 j = 0; j < w; j++) { \
            T a = x[j * fl]; \
            y[j * tl] = a; \
            for (i64 k = 1; k < n;) { \
                const i64 end = n - k > patience ? k + patience : n; \
                patience -= end - k; \
                for (; k < end; k++) { const T b = x[j * fl + k * fn]; a = STEP; y[j * tl + k * tn] = a; } \
                if (patience <= 0) { patience = TV_PATIENCE; if (call && call->poll(call)) return 1; } \
            } \
        } \
    } \
    return 0; \
}
