/*@ add */
/* Add one strided array to another; strides are in elements. */
static void tv_add_$t($T *to, const i64 *to_strides, const $T *from, const i64 *from_strides, const i64 *shape, int ndim)
{
    i64 at[32] = {0};
    const i64 n = ndim ? shape[ndim - 1] : 1, ts = ndim ? to_strides[ndim - 1] : 0, fs = ndim ? from_strides[ndim - 1] : 0;
    for (int k = 0; k < ndim; k++) if (shape[k] == 0) return;
    for (;;) {
        if (ts == 1 && fs == 1) for (i64 i = 0; i < n; i++) to[i] += from[i];
        else for (i64 i = 0; i < n; i++) to[i * ts] += from[i * fs];
        int k = ndim - 2;
        for (; k >= 0; k--) {
            to += to_strides[k]; from += from_strides[k];
            if (++at[k] < shape[k]) break;
            to -= shape[k] * to_strides[k]; from -= shape[k] * from_strides[k]; at[k] = 0;
        }
        if (k < 0) return;
    }
}
/*@ powers i */
/* to = a ** b for a dense `to`; strides are in elements. TV_BOUNDS if an exponent is negative, TV_STOPPED after Ctrl-C. */
static int tv_powers_$t(tv_call *call, $T *to, const $T *a, const i64 *a_strides, const $T *b, const i64 *b_strides,
                        const i64 *shape, int ndim)
{
    i64 at[32] = {0}, patience = 1 << 18;
    const i64 n = ndim ? shape[ndim - 1] : 1, as = ndim ? a_strides[ndim - 1] : 0, bs = ndim ? b_strides[ndim - 1] : 0;
    for (int k = 0; k < ndim; k++) if (shape[k] == 0) return 0;
    for (;; to += n) {
        for (i64 from = 0; from < n; from += 4096) {
            const i64 end = n - from > 4096 ? from + 4096 : n;
            $T least = 0;
            for (i64 i = from; i < end; i++) least |= b[i * bs];
            if (least < 0) return TV_BOUNDS;
            for (i64 i = from; i < end; i++) to[i] = tv_ipow_$t(a[i * as], b[i * bs]);
            if ((patience -= end - from) < 0) { patience = 1 << 18; if (call->poll(call)) return TV_STOPPED; }
        }
        int k = ndim - 2;
        for (; k >= 0; k--) {
            a += a_strides[k]; b += b_strides[k];
            if (++at[k] < shape[k]) break;
            a -= shape[k] * a_strides[k]; b -= shape[k] * b_strides[k]; at[k] = 0;
        }
        if (k < 0) return 0;
    }
}
