/*@ log_sum plain */
/* log(exp(a) + exp(b)) without overflow. */
static double tv_log_sum(double a, double b)
{
    const double high = a > b ? a : b, low = a > b ? b : a;
    return high == -__builtin_inf() ? high : high + log1p(exp(low - high));
}
/*@ ctc_step f */
/* One time of the recursion over the states of a text: to = log-probabilities before it, from those of the time before (none
   at first), plus those of the letters. `way` is 1 forwards, -1 backwards. */
static void tv_ctc_step_$t(const $T *row, i64 by, const i64 *text, i64 ts, i64 letters, i64 blank, int way, const double *from, double *to)
{
    const i64 states = 2 * letters + 1;
    const double none = -__builtin_inf();
    for (i64 i = 0; i < states; i++) {
        const i64 s = way > 0 ? i : states - 1 - i, letter = s & 1 ? text[s / 2 * ts] : blank, b = s - 2 * way;
        double sum = from ? from[s] : i < 2 ? 0 : none;
        if (from && i > 0) sum = tv_log_sum(sum, from[s - way]);
        if (from && i > 1 && (s & 1) && letter != blank && letter != text[b / 2 * ts]) sum = tv_log_sum(sum, from[b]);
        to[s] = sum + (double)row[letter * by];
    }
}
/*@ ctc f */
/* Losses of a batch, or with `occupied` how likely each letter is at each time. n: time, batch, letters, longest text, blank. */
static int tv_ctc_$t(tv_call *call, int occupied, const $T *x, const i64 *xs, const i64 *texts, const i64 *ts, const i64 *times,
                     const i64 *us, const i64 *letters, const i64 *ls, $T *out, const i64 *n)
{
    for (i64 k = 0; k < n[1]; k++) {
        const i64 u = times[k * us[0]], s = letters[k * ls[0]];
        if (u < 0 || u > n[0] || s < 0 || s > n[3] || n[4] < 0 || n[4] >= n[2]) return TV_BOUNDS;
        for (i64 i = 0; i < s; i++) if (texts[k * ts[0] + i * ts[1]] < 0 || texts[k * ts[0] + i * ts[1]] >= n[2]) return TV_BOUNDS;
    }
    volatile int status = 0;
    if (occupied) for (i64 i = 0; i < n[0] * n[1] * n[2]; i++) out[i] = 0;
    #pragma omp parallel for num_threads(call->threads) schedule(static, 1) if(call->threads > 1 && n[1] > 1)
    for (i64 worker = 0; worker < call->threads; worker++) for (i64 k = worker; k < n[1] && !status; k += call->threads) {
        const i64 last = times[k * us[0]], size = letters[k * ls[0]], states = 2 * size + 1, *text = texts + k * ts[0];
        const $T *rows = x + k * xs[1];
        double *a = malloc((size_t)((occupied ? last + 3 : 2) * states) * sizeof(double)), *now = 0;
        if (!a) { status = TV_MEMORY; break; }
        for (i64 t = 0; t < last; t++) {
            double *next = a + (occupied ? t : t & 1) * states;
            tv_ctc_step_$t(rows + t * xs[0], xs[2], text, ts[1], size, n[4], 1, now, next);
            now = next;
        }
        const double total = !now ? (size ? -__builtin_inf() : 0) : size ? tv_log_sum(now[states - 1], now[states - 2]) : now[0];
        if (!occupied) out[k] = ($T)-total;
        else if (total > -__builtin_inf() && total < __builtin_inf()) {
            double *b = a + last * states, *after = 0;
            for (i64 t = last - 1; t >= 0; t--) {
                double *next = after == b ? b + states : b;
                const $T *row = rows + t * xs[0];
                $T *to = out + (t * n[1] + k) * n[2];
                tv_ctc_step_$t(row, xs[2], text, ts[1], size, n[4], -1, after, next);
                for (i64 s = 0; s < states; s++) {
                    const i64 letter = s & 1 ? text[s / 2 * ts[1]] : n[4];
                    const double p = a[t * states + s] + next[s] - (double)row[letter * xs[2]] - total;
                    if (p == p) to[letter] += ($T)exp(p);
                }
                after = next;
            }
        }
        free(a);
        if (worker == 0 && call->poll(call)) status = TV_STOPPED;
    }
    return status;
}
