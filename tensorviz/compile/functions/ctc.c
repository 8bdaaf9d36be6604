/*@ log_sum plain */
/* log(exp(a) + exp(b)) without overflow. */
static double tv_log_sum(double a, double b)
{
    const double high = a > b ? a : b, low = a > b ? b : a;
    return high == -__builtin_inf() ? high : high + log1p(exp(low - high));
}
/*@ log_share plain */
/* The slope of a way of log-probability a, by its share in a sum that is `sum`. */
static double tv_log_share(double a, double sum, double slope)
{
    return a > -__builtin_inf() ? exp(a - sum) * slope : 0;
}
/*@ ctc_step f */
/* One time of the recursion over the states of a text: to = log-probabilities before it, from those of the time before (none
   at first), plus those of the letters. `way` is 1 forwards, -1 backwards. With `along`, slopes of letters: slopes too. */
static void tv_ctc_step_$t(const $T *row, i64 by, const $T *along, i64 la, const i64 *text, i64 ts, i64 letters, i64 blank,
                           int way, const double *from, double *to, const double *from_slopes, double *slopes)
{
    const i64 states = 2 * letters + 1;
    const double none = -__builtin_inf();
    for (i64 i = 0; i < states; i++) {
        const i64 s = way > 0 ? i : states - 1 - i, letter = s & 1 ? text[s / 2 * ts] : blank, b = s - 2 * way;
        const int one = from && i > 0, two = from && i > 1 && (s & 1) && letter != blank && letter != text[b / 2 * ts];
        double sum = from ? from[s] : i < 2 ? 0 : none;
        if (one) sum = tv_log_sum(sum, from[s - way]);
        if (two) sum = tv_log_sum(sum, from[b]);
        to[s] = sum + (double)row[letter * by];
        if (along) {
            double slope = from ? tv_log_share(from[s], sum, from_slopes[s]) : 0;
            if (one) slope += tv_log_share(from[s - way], sum, from_slopes[s - way]);
            if (two) slope += tv_log_share(from[b], sum, from_slopes[b]);
            slopes[s] = slope + (double)along[letter * la];
        }
    }
}
/*@ ctc f */
/* Losses of a batch; with `occupied` how likely each letter is at each time; with `along` too how that changes along it.
   n: time, batch, letters, longest text, blank. */
static int tv_ctc_$t(tv_call *call, int occupied, const $T *x, const i64 *xs, const $T *along, const i64 *as, const i64 *texts,
                     const i64 *ts, const i64 *times, const i64 *us, const i64 *letters, const i64 *ls, $T *out, const i64 *n)
{
    for (i64 k = 0; k < n[1]; k++) {
        const i64 u = times[k * us[0]], s = letters[k * ls[0]];
        if (u < 0 || u > n[0] || s < 0 || s > n[3] || n[4] < 0 || n[4] >= n[2]) return TV_BOUNDS;
        for (i64 i = 0; i < s; i++) {
            const i64 letter = texts[k * ts[0] + i * ts[1]];
            if (letter < 0 || letter >= n[2]) return TV_BOUNDS;
        }
    }
    volatile int status = 0;
    if (occupied) for (i64 i = 0; i < n[0] * n[1] * n[2]; i++) out[i] = 0;
    #pragma omp parallel for num_threads(call->threads) schedule(static, 1) if(call->threads > 1 && n[1] > 1)
    for (i64 worker = 0; worker < call->threads; worker++) for (i64 k = worker; k < n[1] && !status; k += call->threads) {
        const i64 last = times[k * us[0]], size = letters[k * ls[0]], states = 2 * size + 1, *text = texts + k * ts[0];
        const i64 rows_kept = occupied ? last + 2 : 2;
        const $T *rows = x + k * xs[1], *ways = along ? along + k * as[1] : 0;
        double *a = malloc((size_t)((along ? 2 : 1) * rows_kept * states) * sizeof(double)), *now = 0;
        if (!a) { status = TV_MEMORY; break; }
        double *const slopes = along ? a + rows_kept * states : a, *turned = 0;
        for (i64 t = 0; t < last; t++) {
            const i64 at = (occupied ? t : t & 1) * states;
            tv_ctc_step_$t(rows + t * xs[0], xs[2], ways ? ways + t * as[0] : 0, as[2], text, ts[1], size, n[4], 1, now, a + at,
                           turned, slopes + at);
            now = a + at;
            turned = slopes + at;
        }
        const double total = !now ? (size ? -__builtin_inf() : 0) : size ? tv_log_sum(now[states - 1], now[states - 2]) : now[0];
        if (!occupied) out[k] = ($T)-total;
        else if (total > -__builtin_inf() && total < __builtin_inf()) {
            double *after = 0, *after_slopes = 0, whole = 0;
            for (i64 s = size ? states - 2 : 0; ways && now && s < states; s++) whole += tv_log_share(now[s], total, turned[s]);
            for (i64 t = last - 1; t >= 0; t--) {
                const i64 at = (last + (t & 1)) * states;
                const $T *row = rows + t * xs[0], *way = ways ? ways + t * as[0] : 0;
                $T *to = out + (t * n[1] + k) * n[2];
                tv_ctc_step_$t(row, xs[2], way, as[2], text, ts[1], size, n[4], -1, after, a + at, after_slopes, slopes + at);
                after = a + at;
                after_slopes = slopes + at;
                for (i64 s = 0; s < states; s++) {
                    const i64 letter = s & 1 ? text[s / 2 * ts[1]] : n[4];
                    const double p = a[t * states + s] + after[s] - (double)row[letter * xs[2]] - total;
                    if (p != p) continue;
                    const double slope = way ? slopes[t * states + s] + after_slopes[s] - (double)way[letter * as[2]] - whole : 1;
                    to[letter] += ($T)(exp(p) * slope);
                }
            }
        }
        free(a);
        if (worker == 0 && call->poll(call)) status = TV_STOPPED;
    }
    return status;
}
