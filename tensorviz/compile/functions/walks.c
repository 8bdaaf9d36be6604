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
