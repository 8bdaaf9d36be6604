/*@ gather */
TV_GATHER(tv_gather_$t, $T, to[j * ts] = from[offset[j - j0] + j * fs], to, from + base, TV_SET, TV_ROWS)
/*@ scatter */
TV_GATHER(tv_scatter_$t, $T, to[offset[j - j0] + j * ts] = from[j * fs], to + base, from, TV_SET, TV_IN_ORDER)
/*@ gadd */
TV_GATHER(tv_gadd_$t, $T, to[offset[j - j0] + j * ts] += from[j * fs], to + base, from, TV_ADD, TV_IN_ORDER)
/*@ gadd f16 */
#define TV_ADD_HALF(x, y) x = tv_half_bits(tv_half_f32(tv_half_value(x) + tv_half_value(y)))
TV_GATHER(tv_gadd_f16, tv_half, TV_ADD_HALF(to[offset[j - j0] + j * ts], from[j * fs]), to + base, from, TV_ADD_HALF, TV_IN_ORDER)
/*@ holds plain */
/* Whether all elements of a strided array of booleans are true. */
static int tv_holds(const unsigned char *x, const i64 *strides, const i64 *shape, int ndim)
{
    i64 at[32] = {0};
    const i64 n = ndim ? shape[ndim - 1] : 1, s = ndim ? strides[ndim - 1] : 0;
    for (int k = 0; k < ndim; k++) if (shape[k] == 0) return 1;
    for (;;) {
        unsigned char all = 1;
        for (i64 i = 0; i < n; i++) all &= x[i * s];
        if (!all) return 0;
        int k = ndim - 2;
        for (; k >= 0; k--) {
            x += strides[k];
            if (++at[k] < shape[k]) break;
            x -= shape[k] * strides[k]; at[k] = 0;
        }
        if (k < 0) return 1;
    }
}
