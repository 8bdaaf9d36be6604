/*@ pool_low f */
static inline $T tv_pool_low_$t(void) { return -__builtin_inf$f(); }
/*@ pool_low i */
static inline $T tv_pool_low_$t(void) { return ($T)(($U)1 << ($n - 1)); }
/*@ pool_low u */
static inline $T tv_pool_low_$t(void) { return 0; }
/*@ pool_row */
/* Meet a row with a tap of its windows: the larger, or the sum; steps of 1 and 2 are written out for vectors. */
static inline void tv_pool_row_$t(int sums, $T *restrict to, const $T *restrict from, i64 n, i64 step)
{
#define TV_MEET(AT) \
    if (sums) for (i64 i = 0; i < n; i++) to[i] += from[AT]; \
    else for (i64 i = 0; i < n; i++) { const $T a = to[i], b = from[AT]; to[i] = (b > a) | (b != b) ? b : a; }
    if (step == 1) { TV_MEET(i) }
    else if (step == 2) { TV_MEET(i * 2) }
    else { TV_MEET(i * step) }
#undef TV_MEET
}
/*@ pool */
/* Rows `first` to `end` of the maxima, or the sums, of windows; n as tv_pools_fit has it, xs strides of leading axes and three. */
static void tv_pool_$t(i64 first, i64 end, int sums, const $T *x, const i64 *xs, const i64 *lead, int count, $T *out, const i64 *n)
{
    const i64 *size = n + 1, *window = n + 4, *to = n + 7, *step = n + 10, *before = n + 13, *s = xs + count;
    for (i64 r = first; r < end; r++) {
        const i64 y = r % to[1] * step[1] - before[1], z = r / to[1] % to[0] * step[0] - before[0];
        const $T *image = x + tv_image_at(r / to[1] / to[0], lead, count, xs);
        $T *row = out + r * to[2];
        for (i64 i = 0; i < to[2]; i++) row[i] = sums ? 0 : tv_pool_low_$t();
        for (i64 c = z < 0 ? 0 : z; c < z + window[0] && c < size[0]; c++) for (i64 b = y < 0 ? 0 : y; b < y + window[1] && b < size[1]; b++)
            for (i64 k = 0; k < window[2]; k++) {
                i64 lo, hi;
                tv_within(size[2], to[2], step[2], k - before[2], &lo, &hi);
                if (lo < hi) tv_pool_row_$t(sums, row + lo, image + c * s[0] + b * s[1] + (lo * step[2] + k - before[2]) * s[2], hi - lo,
                                            step[2] * s[2]);
            }
    }
}
/*@ pool_back */
/* Images `first` to `end`: each g shared out to the largest elements of its window, or, with `top` 0, added to all of them. */
static void tv_pool_back_$t(i64 first, i64 end, const $T *x, const i64 *xs, const $T *top, const i64 *ts, const $T *g, const i64 *gs,
                            const i64 *lead, int count, $T *out, const i64 *n)
{
    const i64 *size = n + 1, *window = n + 4, *to = n + 7, *step = n + 10, *before = n + 13;
    const i64 *xd = xs + count, *td = ts + count, *gd = gs + count, area = size[0] * size[1] * size[2];
    for (i64 i = first; i < end; i++) {
        const $T *from = top ? x + tv_image_at(i, lead, count, xs) : 0, *tops = top ? top + tv_image_at(i, lead, count, ts) : 0;
        const $T *grads = g + tv_image_at(i, lead, count, gs);
        $T *image = out + i * area;
        for (i64 k = 0; k < area; k++) image[k] = 0;
        for (i64 z = 0; z < to[0]; z++) for (i64 y = 0; y < to[1]; y++) {
            i64 za, zb, ya, yb;
            tv_inside(size[0], window[0], z * step[0] - before[0], &za, &zb);
            tv_inside(size[1], window[1], y * step[1] - before[1], &ya, &yb);
            const $T *row = grads + z * gd[0] + y * gd[1];
            if (!top) {
                for (i64 a = za; a < zb; a++) for (i64 b = ya; b < yb; b++) for (i64 k = 0; k < window[2]; k++) {
                    i64 lo, hi;
                    tv_within(size[2], to[2], step[2], k - before[2], &lo, &hi);
                    $T *line = image + (a * size[1] + b) * size[2] + k - before[2];
                    if (step[2] == 1) for (i64 p = lo; p < hi; p++) line[p] += row[p * gd[2]];
                    else for (i64 p = lo; p < hi; p++) line[p * step[2]] += row[p * gd[2]];
                }
                continue;
            }
            for (i64 p = 0; p < to[2]; p += TV_POOLS) {
                const i64 n_p = to[2] - p < TV_POOLS ? to[2] - p : TV_POOLS;
                $T most[TV_POOLS], share[TV_POOLS], ties[TV_POOLS];
                for (i64 k = 0; k < n_p; k++) { most[k] = tops[z * td[0] + y * td[1] + (p + k) * td[2]]; ties[k] = 0; }
                for (int turn = 0; turn < 2; turn++) {
                    for (i64 a = za; a < zb; a++) for (i64 b = ya; b < yb; b++) for (i64 k = 0; k < window[2]; k++) {
                        i64 lo, hi;
                        tv_within(size[2], to[2], step[2], k - before[2], &lo, &hi);
                        lo = lo < p ? p : lo;
                        hi = hi > p + n_p ? p + n_p : hi;
                        if (lo >= hi) continue;
                        const i64 at = lo * step[2] + k - before[2];
                        const $T *line = from + a * xd[0] + b * xd[1] + at * xd[2];
                        if (!turn) tv_pool_ties_$t(ties + lo - p, most + lo - p, line, hi - lo, step[2] * xd[2]);
                        else tv_pool_give_$t(image + (a * size[1] + b) * size[2] + at, step[2], share + lo - p, most + lo - p, line,
                                             hi - lo, step[2] * xd[2]);
                    }
                    for (i64 k = 0; k < n_p && !turn; k++) share[k] = ties[k] > 0 ? 1 / ties[k] * row[(p + k) * gd[2]] : 0;
                }
            }
        }
    }
}
/*@ pool_ties */
/* How many elements of a tap are the largest of their windows. */
static inline void tv_pool_ties_$t($T *restrict ties, const $T *restrict most, const $T *restrict x, i64 n, i64 step)
{
#define TV_TIE(AT) ((x[AT] == most[i]) | ((x[AT] != x[AT]) & (most[i] != most[i])))
    if (step == 1) for (i64 i = 0; i < n; i++) ties[i] += TV_TIE(i) ? 1 : 0;
    else if (step == 2) for (i64 i = 0; i < n; i++) ties[i] += TV_TIE(i * 2) ? 1 : 0;
    else for (i64 i = 0; i < n; i++) ties[i] += TV_TIE(i * step) ? 1 : 0;
#undef TV_TIE
}
/*@ pool_give */
/* Their shares added where they stand. */
static inline void tv_pool_give_$t($T *restrict to, i64 by, const $T *restrict share, const $T *restrict most, const $T *restrict x, i64 n,
                                   i64 step)
{
#define TV_TIE(AT) ((x[AT] == most[i]) | ((x[AT] != x[AT]) & (most[i] != most[i])))
    if (step == 1 && by == 1) for (i64 i = 0; i < n; i++) to[i] += TV_TIE(i) ? share[i] : 0;
    else if (step == 2 && by == 2) for (i64 i = 0; i < n; i++) to[i * 2] += TV_TIE(i * 2) ? share[i] : 0;
    else for (i64 i = 0; i < n; i++) to[i * by] += TV_TIE(i * step) ? share[i] : 0;
#undef TV_TIE
}
/*@ pool_pick */
/* Rows `first` to `end` of the means of h over the largest elements of each window of x. */
static void tv_pool_pick_$t(i64 first, i64 end, const $T *x, const i64 *xs, const $T *top, const i64 *ts, const $T *h, const i64 *hs,
                            const i64 *lead, int count, $T *out, const i64 *n)
{
    const i64 *size = n + 1, *window = n + 4, *to = n + 7, *step = n + 10, *before = n + 13;
    const i64 *xd = xs + count, *td = ts + count, *hd = hs + count;
    for (i64 r = first; r < end; r++) {
        const i64 y = r % to[1], z = r / to[1] % to[0], i = r / to[1] / to[0];
        const $T *from = x + tv_image_at(i, lead, count, xs), *picked = h + tv_image_at(i, lead, count, hs);
        const $T *row = top + tv_image_at(i, lead, count, ts) + z * td[0] + y * td[1];
        i64 za, zb, ya, yb, xa, xb;
        tv_inside(size[0], window[0], z * step[0] - before[0], &za, &zb);
        tv_inside(size[1], window[1], y * step[1] - before[1], &ya, &yb);
        for (i64 p = 0; p < to[2]; p++) {
            const $T most = row[p * td[2]];
            $T sum = 0;
            i64 ties = 0;
            tv_inside(size[2], window[2], p * step[2] - before[2], &xa, &xb);
            for (int turn = 0; turn < 2; turn++)
                for (i64 a = za; a < zb; a++) for (i64 b = ya; b < yb; b++) for (i64 c = xa; c < xb; c++) {
                    const $T v = from[a * xd[0] + b * xd[1] + c * xd[2]];
                    if ((v != most) & ((v == v) | (most == most))) continue;
                    if (!turn) ties++;
                    else sum += ($T)1 / ($T)ties * picked[a * hd[0] + b * hd[1] + c * hd[2]];
                }
            out[r * to[2] + p] = sum;
        }
    }
}
/*@ unfold */
/* Rows `first` to `end` of windows, each laid out whole; zeros outside. */
static void tv_unfold_$t(i64 first, i64 end, const $T *x, const i64 *xs, const i64 *lead, int count, $T *out, const i64 *n)
{
    const i64 *size = n + 1, *window = n + 4, *to = n + 7, *step = n + 10, *before = n + 13, *gap = n + 16, *s = xs + count;
    $T *put = out + first * to[2] * window[0] * window[1] * window[2];
    for (i64 r = first; r < end; r++) {
        const i64 y = r % to[1] * step[1] - before[1], z = r / to[1] % to[0] * step[0] - before[0];
        const $T *image = x + tv_image_at(r / to[1] / to[0], lead, count, xs);
        for (i64 p = 0; p < to[2]; p++) for (i64 a = 0; a < window[0]; a++) for (i64 b = 0; b < window[1]; b++, put += window[2]) {
            const i64 c = z + a * gap[0], d = y + b * gap[1], at = p * step[2] - before[2];
            i64 lo = 0, hi = 0;
            if (c >= 0 && c < size[0] && d >= 0 && d < size[1]) tv_within(size[2], window[2], gap[2], at, &lo, &hi);
            const $T *from = image + c * s[0] + d * s[1] + at * s[2];
            for (i64 k = 0; k < lo; k++) put[k] = 0;
            if (gap[2] * s[2] == 1) for (i64 k = lo; k < hi; k++) put[k] = from[k];
            else for (i64 k = lo; k < hi; k++) put[k] = from[k * gap[2] * s[2]];
            for (i64 k = hi; k < window[2]; k++) put[k] = 0;
        }
    }
}
/*@ fold */
/* Images `first` to `end` of windows added up where they came from; ys are strides of leading axes, counts and windows. */
static void tv_fold_$t(i64 first, i64 end, const $T *y, const i64 *ys, const i64 *lead, int count, $T *out, const i64 *n)
{
    const i64 *size = n + 1, *window = n + 4, *to = n + 7, *step = n + 10, *before = n + 13, *gap = n + 16, *s = ys + count;
    const i64 area = size[0] * size[1] * size[2];
    for (i64 i = first; i < end; i++) {
        $T *image = out + i * area;
        const $T *from = y + tv_image_at(i, lead, count, ys);
        for (i64 k = 0; k < area; k++) image[k] = 0;
        for (i64 p = 0; p < to[0]; p++) for (i64 q = 0; q < to[1]; q++) for (i64 r = 0; r < to[2]; r++)
            for (i64 a = 0; a < window[0]; a++) for (i64 b = 0; b < window[1]; b++) {
                const i64 c = p * step[0] - before[0] + a * gap[0], d = q * step[1] - before[1] + b * gap[1];
                if (c < 0 || c >= size[0] || d < 0 || d >= size[1]) continue;
                const i64 at = r * step[2] - before[2];
                i64 lo, hi;
                tv_within(size[2], window[2], gap[2], at, &lo, &hi);
                $T *put = image + (c * size[1] + d) * size[2] + at;
                const $T *row = from + p * s[0] + q * s[1] + r * s[2] + a * s[3] + b * s[4];
                for (i64 k = lo; k < hi; k++) put[k * gap[2]] += row[k * s[5]];
            }
    }
}
