/* Special functions of one argument without branches, so that loops over them run on vectors: every piece is computed, the right
   one is chosen. The polynomials (tv_..._0_f64 and so on) stand in special_tables.c. Formulas: DLMF 5 and 7. */
/*@ exp_square f64 */
/* exp(s x**2) without the error of x**2: x = high + low, the square of high is exact, and what rounding takes from the sum is
   put back: exp(u + e) = exp(u) (1 + e). */
static inline double tv_exp_square_f64(double x, double s)
{
    const double a = fabs(x), b = a > 1000 ? 1000 : a, high = trunc(b * 64) / 64, low = b - high;
    const double p = s * (high * high), q = s * (low * (b + high)), u = p + q, r = exp(u);
    return r == 1.0 / 0.0 ? r : r + r * ((p - u) + q);
}
/*@ erfcx_of_positive f64 */
static inline double tv_erfcx_of_positive_f64(double a)
{
    const double t = 2 / (2 + a);
    const double p = tv_erfcx_0_f64(t), q = tv_erfcx_1_f64(t), r = tv_erfcx_2_f64(a);
    return a < 0.6875 ? r : t * (t < 0.375 ? p : q);
}
/*@ erfcx f64 */
static inline double tv_erfcx_f64(double x)
{
    const double p = tv_erfcx_of_positive_f64(fabs(x)), e = 2 * tv_exp_square_f64(x, 1.0) - p;
    return x < 0 ? e : p;
}
/*@ erfinv_tail f64 */
/* erfcinv(exp(-t**2)) of t from 0.75 to 28 */
static inline double tv_erfinv_tail_f64(double t)
{
    const double p = tv_erfinv_1_f64(t), q = tv_erfinv_2_f64(t), r = tv_erfinv_3_f64(t), s = tv_erfinv_4_f64(1 / t);
    return t * (t < 2 ? p : t < 4 ? q : t < 8.5 ? r : s);
}
/*@ erfinv f64 */
static inline double tv_erfinv_f64(double x)
{
    const double a = fabs(x), inner = x * tv_erfinv_0_f64(x * x), outer = tv_erfinv_tail_f64(sqrt(-log(1 - a)));
    return a <= 0.5 ? inner : a == 1 ? copysign(1.0 / 0.0, x) : copysign(outer, x);
}
/*@ erfcinv f64 */
static inline double tv_erfcinv_f64(double y)
{
    const double x = 1 - y, q = y < 1 ? y : 2 - y, inner = x * tv_erfinv_0_f64(x * x);
    const double outer = q == 0 ? 1.0 / 0.0 : tv_erfinv_tail_f64(sqrt(-log(q)));
    return fabs(x) <= 0.5 ? inner : copysign(outer, x);
}
/*@ ndtr f64 */
static inline double tv_ndtr_f64(double x)
{
    const double a = fabs(x) * 0.70710678118654752, inner = 0.5 + 0.5 * erf(x * 0.70710678118654752);
    const double r = 0.5 * tv_exp_square_f64(x, -0.5) * tv_erfcx_of_positive_f64(a);
    return fabs(x) < 1 ? inner : x < 0 ? r : 1 - r;
}
/*@ log_ndtr f64 */
static inline double tv_log_ndtr_f64(double x)
{
    const double halved = 0.5 * tv_erfcx_of_positive_f64(fabs(x) * 0.70710678118654752);
    const double tail = halved * tv_exp_square_f64(x, -0.5), low = log(halved) - 0.5 * x * x;
    const double high = log1p(x < 1 ? 0.5 * erf(x * 0.70710678118654752) - 0.5 : -tail);
    return x < -1 ? (x < -1e150 ? -0.5 * x * x : low) : high;
}
/*@ ndtri f64 */
static inline double tv_ndtri_f64(double p)
{
    const double d = 2 * (p - 0.5), q = p < 0.5 ? 2 * p : 2 * (1 - p), inner = d * tv_erfinv_0_f64(d * d);
    const double outer = q == 0 ? 1.0 / 0.0 : tv_erfinv_tail_f64(sqrt(-log(q)));
    return 1.4142135623730950 * (fabs(d) <= 0.5 ? inner : copysign(outer, d));
}
/*@ ndtri_exp f64 */
/* Below all doubles erfc(z) = exp(-t**2) is solved by z**2 = t**2 + log erfcx(z), DLMF 7.12.1; a step is 1000 times as near. */
static inline double tv_ndtri_exp_f64(double y)
{
    const double d = expm1((y + 0.6931471805599453) + 2.3190468138462996e-17), u = -expm1(y), t2 = y < -0.6931471805599453
        ? -y - 0.6931471805599453 : -log(2 * u), t = sqrt(t2);
    const double inner = d * tv_erfinv_0_f64(d * d), near = u == 0 ? 1.0 / 0.0 : tv_erfinv_tail_f64(t > 28 ? 28 : t);
    const double far = t2 > 700 ? t2 : 700;
    double w = far - 0.5 * log(3.141592653589793 * far);
    for (int k = 0; k < 3; k++) {
        const double r = 0.5 / w, c = 1 - r * (1 - r * (3 - r * (15 - r * 105)));
        w = far + 0.5 * log(c * c / (3.141592653589793 * w));
    }
    const double outer = t2 > 1e300 ? t : t2 > 760 ? sqrt(w) : near;
    return 1.4142135623730950 * (fabs(d) <= 0.5 ? inner : copysign(outer, d));
}
/*@ gammaln f64 */
static inline double tv_gammaln_f64(double x)
{
    const double y = fabs(x), L = log(y), w = y < 1 ? y + 1 : y, a = y < 1 ? y : y - 1, b = y < 1 ? y - 1 : y - 2;
    const double p = tv_gammaln_0_f64(w), q = tv_gammaln_1_f64(w), r = tv_gammaln_2_f64(w), v = 1 / y;
    const double low = a * b * (w < 2 ? p : w < 4 ? q : r) - (y < 1 ? L : 0);
    const double high = (y - 0.5) * (L - 1) + 0.4189385332046728 + v * tv_gammaln_3_f64(v * v);
    const double up = y < 8 ? low : high, s = fabs(sin(3.141592653589793 * (y - rint(y))));
    const double down = log(3.141592653589793 / s) - L - up;
    return y == 1.0 / 0.0 ? x : x < 0 ? down : up;
}
/*@ lost f64 */
/* a * b less the rounded product p, by halves of 26 bits (Dekker, 1971). */
static inline double tv_lost_f64(double a, double b, double p)
{
    const double s = 134217729 * a, t = 134217729 * b, a1 = s - (s - a), b1 = t - (t - b), a2 = a - a1, b2 = b - b1;
    return ((a1 * b1 - p) + a1 * b2 + a2 * b1) + a2 * b2;
}
/*@ gamma_high f64 */
/* gamma(y) of y in [5, 200], over e**128 beyond 150, by Stirling's formula. The exponent (y - 1/2) log y - y is a sum of two
   doubles: log y = k log 2 + 2 artanh(z), z = (m - 1) / (m + 1) of y = 2**k m. */
static inline double tv_gamma_high_f64(double y)
{
    const double k = y < 5.7 ? 2 : y < 11.3 ? 3 : y < 22.6 ? 4 : y < 45.2 ? 5 : y < 90.5 ? 6 : y < 181 ? 7 : 8;
    const double m = y * (y < 5.7 ? 0.25 : y < 11.3 ? 0.125 : y < 22.6 ? 0.0625 : y < 45.2 ? 0.03125 : y < 90.5 ? 0.015625
        : y < 181 ? 0.0078125 : 0.00390625), u = m - 1, v = m + 1, z = u / v, p = z * v;
    const double rest = (((u - p) - tv_lost_f64(z, v, p)) - z * (m - (v - 1))) / v, t = z * z;
    const double odd = z * t * (0.6666666666666666 + t * (0.4 + t * (0.2857142857142857 + t * (0.2222222222222222
        + t * (0.18181818181818182 + t * (0.15384615384615385 + t * (0.13333333333333333 + t * (0.11764705882352941
        + t * (0.10526315789473684 + t * (0.09523809523809523 + t * (0.08695652173913043 + t * (0.08))))))))))));
    const double a = k * 0.6931471805598903, b = a + 2 * z;
    const double c = ((a - b) + 2 * z) + (k * 5.497923018708371e-14 + (2 * rest + odd)), high = b + c, low = (b - high) + c;
    const double n = y - 0.5, q = n * high, e = q - y, r = exp(y > 150 ? e - 128 : e);
    return tv_gamma_3_f64(1 / y) * (r + r * (((q - e) - y) + tv_lost_f64(n, high, q) + n * low));
}
/*@ gamma_low f64 */
/* gamma(w) of w in [1, 5] */
static inline double tv_gamma_low_f64(double w)
{
    const double p = tv_gamma_0_f64(w), q = tv_gamma_1_f64(w), r = tv_gamma_2_f64(w);
    return w < 2 ? p : w < 3.5 ? q : r;
}
/*@ sin_pi f64 */
static inline double tv_sin_pi_f64(double y)
{
    const double n = rint(y), s = sin(3.141592653589793 * (y - n));
    return n - 2 * floor(0.5 * n) == 0 ? s : -s;
}
/*@ gamma f64 */
static inline double tv_gamma_f64(double x)
{
    const double a = fabs(x), y = a > 200 ? 200 : a, part = tv_gamma_high_f64(y < 5 ? 5 : y);
    const double power = y > 150 ? 3.887708405994595e55 : 1;
    const double low = tv_gamma_low_f64(y < 1 ? y + 1 : y), up = y < 1 ? low / x : y < 5 ? low : part * power;
    const double s = -3.141592653589793 / tv_sin_pi_f64(a);
    const double down = y < 1 ? s / low : y < 5 ? s / (y * low) : s / y / part / power;
    return x < 0 ? (a == rint(a) ? 0.0 / 0.0 : down) : up;
}
/*@ rgamma f64 */
static inline double tv_rgamma_f64(double x)
{
    const double a = fabs(x), y = a > 200 ? 200 : a, part = tv_gamma_high_f64(y < 5 ? 5 : y);
    const double power = y > 150 ? 3.887708405994595e55 : 1;
    const double low = tv_gamma_low_f64(y < 1 ? y + 1 : y), up = y < 1 ? x / low : y < 5 ? 1 / low : 1 / part / power;
    const double s = tv_sin_pi_f64(a) * -0.3183098861837907;
    const double down = y < 1 ? s * low : y < 5 ? s * (y * low) : s * y * part * power;
    return x < 0 ? (a == rint(a) ? 0 : down) : up;
}
/*@ digamma_low f64 */
/* digamma(w) where w = y + 1 below 1, else y: by its zero. */
static inline double tv_digamma_low_f64(double y)
{
    const double w = y < 1 ? y + 1 : y, p = tv_digamma_0_f64(w), q = tv_digamma_1_f64(w), r = tv_digamma_2_f64(w);
    const double d = (y < 1 ? y - (1.4616321449683622 - 1) : y - 1.4616321449683622) - 9.549995429965697e-17;
    return d * (w < 2 ? p : w < 4 ? q : r);
}
/*@ digamma f64 */
static inline double tv_digamma_f64(double x)
{
    const double y = fabs(x), v = 1 / y, low = tv_digamma_low_f64(y), high = log(y) - 0.5 * v - v * v * tv_digamma_3_f64(v * v);
    const double up = y < 1 ? low - 1 / x : y < 8 ? low : high, turn = y - rint(y);
    const double down = (y < 1 ? low : y < 8 ? low + v : high + v) + 3.141592653589793 / tan(3.141592653589793 * turn);
    return x < 0 ? (turn == 0 ? 0.0 / 0.0 : down) : up;
}
/*@ trigamma f64 */
static inline double tv_trigamma_f64(double x)
{
    const double y = fabs(x), v = 1 / y, w = y < 1 ? y + 1 : y;
    const double p = tv_trigamma_0_f64(w), q = tv_trigamma_1_f64(w), r = tv_trigamma_2_f64(w);
    const double low = (w < 2 ? p : w < 4 ? q : r) / w, high = v * tv_trigamma_3_f64(v), turn = y - rint(y);
    const double up = y < 1 ? low + v * v : y < 8 ? low : high, s = 3.141592653589793 / sin(3.141592653589793 * turn);
    const double down = s * s - (y < 1 ? low : up - v * v);
    return x < 0 ? (turn == 0 ? 1.0 / 0.0 : down) : up;
}
/*@ logit f64 */
static inline double tv_logit_f64(double x)
{
    const double near = log1p(2 * (x - 0.5) / (1 - x)), far = log(x / (1 - x));
    return fabs(x - 0.5) < 0.25 ? near : far;
}
/*@ log1mexp f64 */
static inline double tv_log1mexp_f64(double x)
{
    const double near = log(-expm1(x)), far = log1p(-exp(x));
    return x > -0.6931471805599453 ? near : far;
}
/*@ entr f64 */
static inline double tv_entr_f64(double x) { return x > 0 ? -x * log(x) : x == 0 ? 0 : x < 0 ? -1.0 / 0.0 : x; }
/*@ cosm1 f64 */
static inline double tv_cosm1_f64(double x) { const double s = sin(0.5 * x); return -2 * s * s; }
/*@ xlogy f64 */
static inline double tv_xlogy_f64(double x, double y) { return (x == 0) & (y == y) ? 0 : x * log(y); }
/*@ xlog1py f64 */
static inline double tv_xlog1py_f64(double x, double y) { return (x == 0) & (y == y) ? 0 : x * log1p(y); }
/*@ log_ratio f64 */
/* log(x / y) of positive numbers: near 1 by their difference, apart where the quotient leaves the range. */
static inline double tv_log_ratio_f64(double x, double y)
{
    const double r = x / y, near = log1p((x - y) / y), apart = log(x) - log(y), plain = log(r);
    return (r > 0.5) & (r < 2) ? near : (r > 1e-300) & (r < 1e300) ? plain : apart;
}
/*@ rel_entr f64 */
static inline double tv_rel_entr_f64(double x, double y)
{
    const double inside = x * tv_log_ratio_f64(x, y), edge = (x == 0) & (y >= 0) ? 0 : 1.0 / 0.0;
    return (x != x) | (y != y) ? x + y : (x > 0) & (y > 0) ? inside : edge;
}
/*@ kl_div f64 */
static inline double tv_kl_div_f64(double x, double y)
{
    const double inside = x * tv_log_ratio_f64(x, y) - x + y, edge = (x == 0) & (y >= 0) ? y : 1.0 / 0.0;
    return (x != x) | (y != y) ? x + y : (x > 0) & (y > 0) ? inside : edge;
}
