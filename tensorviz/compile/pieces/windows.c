/*@ windows */
extern void *malloc(size_t);
extern void free(void *);
/* Filters are products, summed in registers; like BLAS they use fused multiply-add where there is one. */
#if defined(__clang__)
#define TV_FUSED static __attribute__((noinline))
#define TV_CONTRACT _Pragma("clang fp contract(fast)")
#else
#define TV_FUSED static __attribute__((noinline, optimize("fp-contract=fast")))
#define TV_CONTRACT
#endif
#if defined(__AVX512F__)
enum { TV_WIDTH = 64, TV_HIGH = 8 };            /* bytes of a vector; rows of a block that stays in registers */
#elif defined(__AVX__)
enum { TV_WIDTH = 32, TV_HIGH = 4 };
#elif defined(__aarch64__)
enum { TV_WIDTH = 16, TV_HIGH = 8 };
#else
enum { TV_WIDTH = 16, TV_HIGH = 4 };
#endif
enum { TV_DEEP = 384, TV_BLOCK = 1 << 19, TV_SEGMENTS = 3 * TV_WIDTH / 4 + 1 };
/* out[n, m, p] = the sum over channels c and taps t of filter[m, c, t] * source[n, c, p * step + at[t]], with zeros around the
   source; p, t and steps are triples. The second half is worked out: the source is copied with its zeros, the positions of each
   residue of the step by themselves, so that neighbours in `out` read neighbours. */
typedef struct tv_windows {
    i64 images, rows, channels, groups;
    i64 size[3], strides[5];                    /* of the source: lengths; strides of n, c, z, y, x */
    i64 taps[3], step[3], out[3];
    const i64 *at[3], *tap[3];                  /* of each tap: where it reads, which one of the filter it is */
    i64 out_strides[5], filter_strides[5];      /* of n, m, z, y, x; of m, c, z, y, x */
    i64 group[3];                               /* from one group to the next: source, filter, out */
    i64 low[3], phases[3], plane[3], area, image, sum, count;
    i64 *offset, *place;                        /* of each channel and tap: in the copied source, in the filter */
    int direct, flat;                           /* nothing to copy; few filters: vectors run along rows */
} tv_windows;
static i64 tv_ceil(i64 a, i64 b) { return a / b + (a % b > 0); }
static int tv_windows_plan(tv_windows *w, int gather)
{
    i64 spread = 1, last[3];
    const i64 *s = w->strides, *f = w->filter_strides;
    w->area = w->count = 1;
    w->sum = w->channels;
    w->direct = gather && (s[4] == 1 || w->out[2] == 1) && w->taps[0] * w->taps[1] * w->taps[2] == 1;
    for (int d = 0; d < 3; d++) {
        i64 low = w->at[d][0], high = low;
        for (i64 t = 1; t < w->taps[d]; t++) {
            if (w->at[d][t] < low) low = w->at[d][t];
            if (w->at[d][t] > high) high = w->at[d][t];
        }
        w->low[d] = low; last[d] = high - low;
        w->phases[d] = w->step[d] < last[d] + 1 ? w->step[d] : last[d] + 1;
        w->plane[d] = w->out[d] + last[d] / w->step[d];
        if ((w->step[d] != 1 && w->out[d] > 1) || low < 0 || (w->out[d] - 1) * w->step[d] + high >= w->size[d]) w->direct = 0;
        spread *= w->phases[d];
        w->area *= w->plane[d]; w->count *= w->out[d]; w->sum *= w->taps[d];
    }
    w->flat = gather && w->rows < 4 && w->out[2] >= 6;
    if (w->flat) w->direct = 0;
    w->image = w->channels * spread * w->area;
    w->offset = malloc((size_t)(2 * w->sum + 1) * sizeof(i64));
    if (!w->offset) return TV_MEMORY;
    i64 *to = w->offset, *place = w->place = to + w->sum;
    for (i64 c = 0; c < w->channels; c++)
        for (i64 i = 0; i < w->taps[0]; i++) for (i64 j = 0; j < w->taps[1]; j++) for (i64 k = 0; k < w->taps[2]; k++) {
            const i64 at[3] = {w->at[0][i], w->at[1][j], w->at[2][k]};
            i64 phase = 0, q = 0;
            *place++ = c * f[1] + w->tap[0][i] * f[2] + w->tap[1][j] * f[3] + w->tap[2][k] * f[4];
            for (int d = 0; d < 3; d++) {
                const i64 u = at[d] - w->low[d];
                phase = phase * w->phases[d] + u % w->step[d];
                q = q * w->plane[d] + u / w->step[d];
            }
            *to++ = w->direct ? c * s[1] + at[0] * s[2] + at[1] * s[3] + at[2] * s[4] : (c * spread + phase) * w->area + q;
        }
    return 0;
}
/* One tap everywhere, and nothing between the rows: an image is one long row. */
static void tv_windows_join(tv_windows *w)
{
    i64 dense = 1, count = 1;
    for (int d = 2; d >= 0; d--) {
        dense &= w->taps[d] == 1 && w->at[d][0] == 0 && w->step[d] == 1 && w->size[d] == w->out[d]
            && w->strides[d + 2] == count && w->out_strides[d + 2] == count;
        count *= w->out[d];
    }
    if (!dense) return;
    for (int d = 0; d < 3; d++) w->size[d] = w->out[d] = d == 2 ? count : 1;
}
/* Where the window at position p of image k of a block begins. */
static inline i64 tv_window_at(const tv_windows *w, i64 k, i64 z, i64 y, i64 x)
{
    if (w->direct) return k * w->strides[0] + z * w->strides[2] + y * w->strides[3] + x * w->strides[4];
    return k * w->image + (z * w->plane[1] + y) * w->plane[2] + x;
}
/*@ windows_fit */
/* Whether lengths of a convolution go together: n as functions/conv.c has them, the zeros behind, the channels that filters take. */
static int tv_windows_fit(const i64 *n, const i64 *after, i64 channels)
{
    if (n[1] != channels || n[2] % n[3]) return 0;
    for (int d = 0; d < 3; d++) {
        const i64 room = n[4 + d] + n[16 + d] + after[d] - (n[7 + d] - 1) * n[19 + d];
        if (n[7 + d] < 1 || room < 1 || n[10 + d] != (room - 1) / n[13 + d] + 1) return 0;
    }
    return 1;
}
/*@ image_at */
enum { TV_POOLS = 128 };        /* windows that gradients of pools take at once */
/* Where image i of an array with `count` leading axes begins; their lengths and strides. */
static inline i64 tv_image_at(i64 i, const i64 *lead, int count, const i64 *strides)
{
    i64 at = 0;
    for (int k = count - 1; k >= 0; k--) { at += i % lead[k] * strides[k]; i /= lead[k]; }
    return at;
}
/* The windows p, from *lo to below *hi, whose tap at p * step + at lies within an axis of n. */
static inline void tv_within(i64 n, i64 count, i64 step, i64 at, i64 *lo, i64 *hi)
{
    *lo = at < 0 ? (-at + step - 1) / step : 0;
    *hi = n > at ? (n - at + step - 1) / step : 0;
    *hi = *hi > count ? count : *hi;
    *lo = *lo > *hi ? *hi : *lo;
}
/* The part of a window that begins at `at` which lies within an axis of n. */
static inline void tv_inside(i64 n, i64 window, i64 at, i64 *lo, i64 *hi)
{
    *lo = at < 0 ? 0 : at;
    *hi = at + window > n ? n : at + window;
}
/*@ pools_fit */
/* Whether lengths of pools go together: images, then for three axes lengths, window, number of windows, step, zeros before and
   after, distance of taps. With `ceil` the last window may reach beyond the end. */
static int tv_pools_fit(const i64 *n, const i64 *after, int ceil)
{
    for (int d = 0; d < 3; d++) {
        const i64 size = n[1 + d], step = n[10 + d], room = size + n[13 + d] + after[d] - (n[4 + d] - 1) * n[16 + d] - 1;
        if (room < 0 && !ceil) return 0;
        i64 count = room / step + 1;
        if (ceil) {
            const i64 a = room < 0 ? 0 : (room + step - 1) / step, b = (size + n[13 + d] - 1) / step;
            if (size < 1) return 0;
            count = (a < b ? a : b) + 1;
        }
        if (n[7 + d] != count) return 0;
    }
    return 1;
}
