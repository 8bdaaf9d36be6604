/* The beta function, its incomplete functions, their inverses, and Student's t distribution, which is one of them. Formulas by
   their numbers in DLMF (dlmf.nist.gov). x and y = 1 - x go through these functions together, so that neither loses digits. */
/*@ stirling_fall f64 */
/* The terms of Stirling's series (5.11.1) of gammaln(q) less those of gammaln(p + q), of q >= 8 and p + q >= 8:
   c q**-m (1 - r**m) = c q**-m (1 - r) (1 + r + ... + r**(m - 1)), r = q / (p + q) */
$const double tv_stirling_numbers[9] = {0.08333333333333333, -0.002777777777777778, 0.0007936507936507937, -0.0005952380952380953,
    0.0008417508417508417, -0.0019175269175269176, 0.00641025641025641, -0.029550653594771242, 0.17964437236883057};
static inline double tv_stirling_fall_f64(double p, double q)
{
    const double r = q / (p + q), v = 1 / q;
    double sum = 0, ones = 1, power = v;
    for (int k = 0; k < 9; k++) {
        sum += tv_stirling_numbers[k] * power * ones;
        ones = 1 + r + r * r * ones;
        power *= v * v;
    }
    return p / (p + q) * sum;
}
/*@ gammaln_drop f64 */
/* gammaln(q) - gammaln(p + q) of q >= 8 and p + q >= 8, without the difference of large numbers */
static inline double tv_gammaln_drop_f64(double p, double q)
{
    return tv_stirling_fall_f64(p, q) + p - p * log(p + q) - (q - 0.5) * log1p(p / q);
}
/*@ betaln_right f64 */
/* Of positive a and b */
static inline double tv_betaln_right_f64(double a, double b)
{
    const double p = a < b ? a : b, q = a < b ? b : a;
    if (p >= 8)
        return 0.9189385332046728 - 0.5 * log(q)
            + (tv_stirling_rest_f64(p) + tv_stirling_rest_f64(q) - tv_stirling_rest_f64(p + q))
            + (p - 0.5) * log(p / (p + q)) - q * log1p(p / q);
    if (q >= 8) return tv_gammaln_f64(p) + tv_gammaln_drop_f64(p, q);
    return tv_gammaln_f64(p) + tv_gammaln_f64(q) - tv_gammaln_f64(p + q);
}
/*@ betaln_left f64 */
/* Logarithm of |beta(p, q)| of p < 0, p <= q: by reflection (5.5.3) where gamma functions of nearly the same size would cancel */
static inline double tv_betaln_left_f64(double p, double q)
{
    const double n = p + q, turn = (p - rint(p)) + (q - rint(q)), pi = 3.141592653589793;
    const double one = fabs(sin(pi * (p - rint(p)))), whole = fabs(sin(pi * (turn - rint(turn))));
    if (q < 0) return log(pi * whole / (one * fabs(sin(pi * (q - rint(q)))))) - log1p(-n) - tv_betaln_right_f64(1 - p, 1 - q);
    if ((q < 8 && p > -8) || (n < 8 && p > -7)) return tv_gammaln_f64(p) + tv_gammaln_f64(q) - tv_gammaln_f64(n);
    if (n < 1) return tv_betaln_right_f64(q, 1 - n) + log(whole / one);
    if (n < 8) return log(pi / one) - tv_gammaln_drop_f64(n - 1, 1 - p) - tv_gammaln_f64(n);
    return tv_gammaln_f64(p) + tv_gammaln_drop_f64(p, q);
}
/*@ betaln f64 */
static inline double tv_betaln_f64(double a, double b)
{
    const double p = a < b ? a : b, q = a < b ? b : a, inf = 1.0 / 0.0;
    if (a != a || b != b) return a + b;
    if (p <= 0 && p == floor(p))
        return q > 0 && q == floor(q) && p + q <= 0 && p > -inf ? tv_betaln_right_f64(q, 1 - p - q) : inf;
    if (q == inf && p < q) return p > 0 ? -q : q;
    return p > 0 ? tv_betaln_right_f64(p, q) : tv_betaln_left_f64(p, q);
}
/*@ beta_near f64 */
/* By gamma functions, where they are in range; what rounding takes from p + q is put back */
static inline double tv_beta_near_f64(double p, double q)
{
    const double n = p + q, part = n - p, lost = (p - (n - part)) + (q - part);
    return tv_gamma_f64(q) * tv_rgamma_f64(n) * tv_gamma_f64(p) * (lost != 0 ? 1 - lost * tv_digamma_f64(n) : 1);
}
/*@ beta_right f64 */
/* Of 0 < p <= q */
static inline double tv_beta_right_f64(double p, double q)
{
    const double n = p + q, lost = p - (n - q);
    if (n < 170) return tv_beta_near_f64(p, q);
    if (p > 100 || !(p * log(n) < 650)) return exp(tv_betaln_right_f64(p, q));
    const double rest = p - (q - 0.5) * log1p(p / q) + tv_stirling_fall_f64(p, q) - p * lost / n;
    return tv_gamma_f64(p) * pow(n, -p) * exp(rest);
}
/*@ beta f64 */
static inline double tv_beta_f64(double a, double b)
{
    const double p = a < b ? a : b, q = a < b ? b : a, n = p + q, inf = 1.0 / 0.0;
    if (a != a || b != b) return a + b;
    if (p > 0) return q == inf ? (p < q ? 0 : 0.0 / 0.0) : tv_beta_right_f64(p, q);
    if (p == floor(p)) {
        if (!(q > 0) || q != floor(q) || n > 0 || p == -inf) return inf;
        const double r = tv_beta_right_f64(q < 1 - n ? q : 1 - n, q < 1 - n ? 1 - n : q);
        return q - 2 * floor(q / 2) == 0 ? r : -r;
    }
    if (p > -100 && q < 100) return tv_beta_near_f64(p, q);
    const double down = floor(p) + (q < 0 ? floor(q) : 0) + (n < 0 ? floor(n) : 0), size = exp(tv_betaln_f64(p, q));
    return down - 2 * floor(down / 2) == 0 ? size : -size;
}
/*@ beta_gap f64 */
/* a - (a + b) x = (a + b) y - b, by the smaller of x and y and without what rounding takes, and `more` in front */
static inline double tv_beta_gap_f64(double a, double b, double x, double y, double more)
{
    const double n = a + b, part = n - a, lost = (a - (n - part)) + (b - part);       /* a + b = n + lost */
    const double s = x <= 0.5 ? a : -b, z = x <= 0.5 ? -x : y, p = n * z;
    return (more + (s + p)) + ((n < 1e290 ? tv_lost_f64(n, z, p) : 0) + lost * z);
}
/*@ beta_term f64 */
/* x**a y**b / beta(a, b) */
static inline double tv_beta_term_f64(double a, double b, double x, double y)
{
    if (a >= 8 && b >= 8) {
        const double n = a + b, gap = tv_beta_gap_f64(a, b, x, y, 0), size = sqrt(a / n * b / 6.283185307179586);
        const double rest = tv_stirling_rest_f64(a) + tv_stirling_rest_f64(b) - tv_stirling_rest_f64(n);
        return size * exp(-a * tv_log1p_gap_f64(-gap / a, n * x / a) - b * tv_log1p_gap_f64(gap / b, n * y / b) - rest);
    }
    const double p = a < b ? a : b, q = a < b ? b : a, u = a < b ? x : y, v = a < b ? y : x;
    const double power = q * (u < 0.5 ? log1p(-u) : log(v));
    if (p + q < 100)
        return (v < 0.5 ? exp(p * log1p(-v)) : pow(u, p)) * (u < 0.5 ? exp(power) : pow(v, q)) / tv_beta_right_f64(p, q);
    const double rest = (q - 0.5) * log1p(p / q) - p - tv_stirling_fall_f64(p, q), grown = u * (p + q);
    if (grown > 1e30) return exp(p * log(grown) + power + rest - tv_gammaln_f64(p));
    return pow(grown, p) * exp(power + rest) * tv_rgamma_f64(p);
}
/*@ beta_fraction f64 */
/* betainc left of its mean: the even part of the continued fraction 8.17.22, whose terms don't cancel (DiDonato and Morris,
   1992), by Lentz's method */
static inline double tv_beta_fraction_f64(double a, double b, double x, double y)
{
    const double n = a + b, above = tv_beta_gap_f64(a, b, x, y, 1);
    double h = a / (a + 1) * above, c = h, d = 0;
    for (int m = 1; m < 1000000; m++) {
        const double s = a + (2 * m - 1), u = m * ((b - m) * x);
        const double p = (a + (m - 1)) / s * ((n + (m - 1)) / s * x) * u;
        const double q = m + u / s + (a + m) / (s + 2) * (above + m * (1 + y));
        d = q + p * d; d = fabs(d) < 1e-300 ? 1e300 : 1 / d;
        c = q + p / c; c = fabs(c) < 1e-300 ? 1e-300 : c;
        const double turn = c * d;
        h *= turn;
        if (fabs(turn - 1) < 2e-16) break;
    }
    return tv_beta_term_f64(a, b, x, y) / h;
}
/*@ beta_wide f64 */
/* betainc left of its mean, of large a and b: the integral of its density over v = log(x / y), in which the logarithm of the
   density is a sum of the cumulants of a coin that shows its head x times in all; by the rule of double exponentials
   (Takahasi and Mori, 1974) */
static inline double tv_beta_wide_f64(double a, double b, double x, double y)
{
    const double n = a + b, w = x * y, t = y - x, gap = tv_beta_gap_f64(a, b, x, y, 0), unit = 1 / (gap + sqrt(n * w));
    const double k3 = t / 6, k4 = (1 - 6 * w) / 24, k5 = t * (1 - 12 * w) / 120, k6 = (1 - w * (30 - 120 * w)) / 720;
    const double k7 = t * (1 - w * (60 - 360 * w)) / 5040, k8 = (1 - w * (126 - w * (1680 - 5040 * w))) / 40320;
    double sum = 0;
    for (int k = -36; k < 44; k++) {
        const double at = 0.125 * k, e = exp(-at), s = exp(at - e), d = unit * s;
        const double rest = 0.5 - d * (k3 - d * (k4 - d * (k5 - d * (k6 - d * (k7 - d * k8)))));
        sum += exp(-gap * d - n * w * (d * (d * rest))) * s * (1 + e);
    }
    return tv_beta_term_f64(a, b, x, y) * (0.125 * unit) * sum;
}
/*@ beta_small f64 */
/* 1 - betainc(a, b, x) of small a, where it is a small difference, left of the mean: 8.17.7, its first term less 1 by expm1 */
static inline double tv_beta_small_f64(double a, double b, double x)
{
    double fall = 0, q = b, term = 1, sum = 0;
    for (; q < 8; q++) fall += log1p(a / q);                                /* gammaln(b) - gammaln(a + b) */
    const double u = expm1(a * log(x) - a * (a - 1) * tv_gammaln_0_f64(a + 1) - (fall + tv_gammaln_drop_f64(a, q)));
    for (int k = 1; k < 300; k++) {
        term *= (k - b) * x / k;
        sum += term / (a + k);
        if (fabs(term) < 1e-18) break;
    }
    return -u - (1 + u) * a * sum;
}
/*@ beta_share f64 */
/* betainc between its edges */
static inline double tv_beta_share_f64(double a, double b, double x, double y)
{
    const int left = x <= 0.5 ? x <= (a + 1) / (a + b + 2) : y >= (b + 1) / (a + b + 2);
    const double p = a < 1e-305 ? 1e-305 : a, q = b < 1e-305 ? 1e-305 : b;
    const double s = left ? p : q, t = left ? q : p, u = left ? x : y, v = left ? y : x;
    if (!left && s < 0.7) return tv_beta_small_f64(s, t, u);
    const double part = s > 1e5 && t > 1e5 ? tv_beta_wide_f64(s, t, u, v) : tv_beta_fraction_f64(s, t, u, v);
    return left ? part : 1 - part;
}
/*@ betainc f64 */
static inline double tv_betainc_f64(double a, double b, double x)
{
    const double inf = 1.0 / 0.0;
    if (!(a >= 0) || !(b >= 0) || !(x >= 0 && x <= 1) || (a == 0 && b == 0) || (a == inf && b == inf)) return 0.0 / 0.0;
    if (a == 0 || b == inf) return x > 0 ? 1 : 0;
    if (b == 0 || a == inf) return x < 1 ? 0 : 1;
    return x == 0 || x == 1 ? x : tv_beta_share_f64(a, b, x, 1 - x);
}
/*@ betaincc f64 */
static inline double tv_betaincc_f64(double a, double b, double x)
{
    const double inf = 1.0 / 0.0;
    if (!(a > 0 && b > 0 && x > 0 && x < 1 && a < inf && b < inf)) return 1 - tv_betainc_f64(a, b, x);
    return tv_beta_share_f64(b, a, 1 - x, x);
}
/*@ beta_start f64 */
/* log(x / y) near the root of betainc(a, b, x) = p <= 0.5: Cornish and Fisher's formula, or by the first term of 8.17.7 */
static inline double tv_beta_start_f64(double a, double b, double p)
{
    if (a > 1 && b > 1) {
        const double z = -tv_ndtri_f64(p), f = 1 / (2 * a - 1), g = 1 / (2 * b - 1), h = 2 / (f + g), l = (z * z - 3) / 6;
        if (h + l > 0) return log(a / b) - 2 * (z * sqrt(h + l) / h - (g - f) * (l + 0.8333333333333334 - 2 / (3 * h)));
    }
    const double first = (log(p) + log(a) + tv_betaln_right_f64(a, b)) / a;
    return first < -1e-300 ? first - log(-expm1(first)) : log(a / b);
}
/*@ beta_odds f64 */
/* x / y where betainc(a, b, x) = p = 1 - q: Newton's steps on the logarithm of the smaller side over log(x / y), of which it is
   concave, so that they end wherever they start; kept between bounds. 0 and infinity where x or y underflows. */
static inline double tv_beta_odds_f64(double a, double b, double p, double q)
{
    const double inf = 1.0 / 0.0;
    const int turned = p > q;
    const double least = 1e-305, c = a < least ? least : a, d = b < least ? least : b;
    const double s = turned ? d : c, t = turned ? c : d, goal = turned ? q : p;
    const double first = tv_beta_start_f64(s, t, goal), enough = 1e-9 / sqrt(sqrt(1 + s / (s + t) * t));
    double odds = exp(first < -700 ? -700 : first > 700 ? 700 : first), low = 0, high = inf;
    for (int k = 0; k < 300; k++) {
        const double small = odds < 1 ? odds : 1 / odds, u = small / (1 + small), v = 1 / (1 + small);
        const double x = odds < 1 ? u : v, y = odds < 1 ? v : u, f = tv_beta_share_f64(s, t, x, y), off = log(f / goal);
        if (off > 0) high = odds; else low = odds;
        const double step = -off * f / tv_beta_term_f64(s, t, x, y);
        double next = odds + odds * expm1(step);
        if (fabs(step) <= enough || next == odds) { odds = next; break; }        /* what is left is of the order of its square */
        if (!(next > low && next < high)) next = low == 0 ? 1e-3 * high : high == inf ? 1e3 * low : sqrt(low) * sqrt(high);
        odds = next;
        if (odds < 1e-305 || odds > 1e305) { odds = odds < 1 ? 0 : inf; break; }
    }
    return turned ? 1 / odds : odds;
}
/*@ beta_quantile f64 */
static inline double tv_beta_quantile_f64(double a, double b, double p, double q)
{
    const double inf = 1.0 / 0.0;
    if (!(a > 0) || !(b > 0) || !(p >= 0 && p <= 1)) return 0.0 / 0.0;
    if (p == 0 || q == 0) return p == 0 ? 0 : 1;
    if (a == inf || b == inf) return a != b ? a == inf : 0.0 / 0.0;
    const double odds = tv_beta_odds_f64(a, b, p, q);
    return odds < 1 ? odds / (1 + odds) : 1 / (1 + 1 / odds);
}
/*@ betaincinv f64 */
static inline double tv_betaincinv_f64(double a, double b, double p) { return tv_beta_quantile_f64(a, b, p, 1 - p); }
/*@ betainccinv f64 */
static inline double tv_betainccinv_f64(double a, double b, double q) { return tv_beta_quantile_f64(a, b, 1 - q, q); }
/*@ student_far f64 */
/* Logarithm of stdtr(df, t) sqrt(df)**-df |t|**df, which is constant far out */
static inline double tv_student_far_f64(double df)
{
    return -0.6931471805599453 - log(0.5 * df) - tv_betaln_right_f64(0.5 * df, 0.5);
}
/*@ stdtr f64 */
/* Half of betainc(df / 2, 1 / 2, df / (df + t**2)) is a tail; of huge df the normal distribution's */
static inline double tv_stdtr_f64(double df, double t)
{
    const double inf = 1.0 / 0.0, a = fabs(t);
    if (t != t || !(df > 0)) return 0.0 / 0.0;
    if (a == inf) return t > 0 ? 1 : 0;
    if (df > 1e25) return tv_ndtr_f64(t);
    const double r = a / sqrt(df), ratio = a > 1e-150 && a < 1e150 ? a * a / df : r * r;
    if (ratio < 1e-300) return 0.5;
    const double tail = ratio > 1e290 ? exp(tv_student_far_f64(df) - df * log(r))
        : 0.5 * tv_beta_share_f64(0.5 * df, 0.5, 1 / (1 + ratio), ratio / (1 + ratio));
    return t < 0 ? tail : 1 - tail;
}
/*@ stdtrit f64 */
static inline double tv_stdtrit_f64(double df, double p)
{
    const double inf = 1.0 / 0.0, q = p < 0.5 ? p : 1 - p, d = 2 * fabs(p - 0.5);
    if (!(df > 0) || !(p >= 0 && p <= 1)) return 0.0 / 0.0;
    if (q == 0) return p == 0 ? -inf : inf;
    if (df > 1e25) return tv_ndtri_f64(p);
    const double odds = d == 0 ? inf : tv_beta_odds_f64(0.5 * df, 0.5, 2 * q, d);
    const double t = odds > 1e-290 ? sqrt(df) / sqrt(odds) : sqrt(df) * exp((tv_student_far_f64(df) - log(q)) / df);
    return p < 0.5 ? -t : t;
}
