/* Special functions of several arguments: incomplete gamma functions, their inverses, poch, zeta. Series and continued fractions
   run until they stop changing; formulas by their numbers in DLMF (dlmf.nist.gov). */
/*@ stirling_rest f64 */
/* gammaln(x) - (x - 1/2) log x + x - log(2 pi) / 2 of x >= 8 */
static inline double tv_stirling_rest_f64(double x) { return tv_gammaln_3_f64(1 / (x * x)) / x; }
/*@ log1p_gap f64 */
/* x - log(y) >= 0 of y = 1 + x: near 0 by log(1 + x) = 2 artanh(r), r = x / (2 + x) */
static inline double tv_log1p_gap_f64(double x, double y)
{
    if (x < -0.5 || x > 1) return x - log(y);
    const double r = x / (2 + x), s = r * r;
    double sum = 0;
    for (int k = 39; k >= 3; k -= 2) sum = sum * s + 1.0 / k;
    return r * x - 2 * r * s * sum;
}
/*@ gamma_term f64 */
/* x**a exp(-x) / gamma(a + 1) */
static inline double tv_gamma_term_f64(double a, double x)
{
    if (a < 8 && x < 600) return pow(x, a) * exp(-x) / (a < 1 ? tv_gamma_f64(a + 1) : a * tv_gamma_f64(a));
    if (a < 8) return exp(a * log(x) - x - tv_gammaln_f64(a + 1));
    return exp(-a * tv_log1p_gap_f64((x - a) / a, x / a) - tv_stirling_rest_f64(a)) / sqrt(6.283185307179586 * a);
}
/*@ gamma_series f64 */
/* gammainc by 8.11.4 */
static inline double tv_gamma_series_f64(double a, double x)
{
    double term = 1, sum = 1;
    for (int n = 1; n < 10000 && term > 1e-17 * sum; n++) { term *= x / (a + n); sum += term; }
    return sum * tv_gamma_term_f64(a, x);
}
/*@ gamma_fraction f64 */
/* gammaincc by the continued fraction 8.9.2 (Lentz) */
static inline double tv_gamma_fraction_f64(double a, double x)
{
    const double size = a * tv_gamma_term_f64(a, x);
    if (size == 0) return 0;
    double b = x + 1 - a, c = 1e300, d = 1 / b, h = d;
    for (int n = 1; n < 10000; n++) {
        const double p = -n * (n - a);
        b += 2;
        d = p * d + b; d = fabs(d) < 1e-300 ? 1e300 : 1 / d;
        c = b + p / c; c = fabs(c) < 1e-300 ? 1e-300 : c;
        const double turn = c * d;
        h *= turn;
        if (fabs(turn - 1) < 2e-16) break;
    }
    return h * size;
}
/*@ gamma_wide f64 */
/* The smaller of gammainc and gammaincc of large a, x / a = 1 + m, |m| <= 0.3, by 8.12.3 and 8.12.4, Temme's expansion: its c(k) in powers
   of eta, eta**2 / 2 = m - log(1 + m), the highest first, for k = 5 to 0 */
$const double tv_temme_numbers[64] = {
    6.797780477937208e-05, -0.00019932570516188847, 0.0002772753244959392, -6.972813758365857e-05, -0.00033679855336635813,
    1.1375726970678419e-05, -3.968365047179435e-05, 6.641498215465122e-05, -1.4638452578843418e-06, -0.0002990724803031902,
    0.0007840392217200666, -0.0008618882909167117, 1.4230900732435883e-06, -5.6749528269915965e-06, 1.1082654115347302e-05,
    -2.396505113867297e-07, -7.561801671883977e-05, 0.00026772063206283885, -0.0004691894943952557, 0.00022947209362139917,
    0.0006494341563786008, 1.4280614206064242e-07, -6.298992138380055e-07, 1.3721957309062934e-06, 3.423578734096138e-08,
    -1.2760635188618728e-05, 5.2923448829120125e-05, -0.0001073665322636516, 2.0093878600823047e-06, 0.0007716049382716049,
    -0.0026813271604938273, 0.004133597883597883, -1.0091543710600413e-09, -1.7543241719747647e-11, 1.1951628599778148e-08,
    -5.752545603517705e-08, 1.378633446915721e-07, 4.647127802807434e-09, -1.6120900894563446e-06, 7.64916091608111e-06,
    -1.8098550334489977e-05, -4.018775720164609e-07, 0.00020576131687242798, -0.0009902263374485596, 0.0026455026455026454,
    -0.003472222222222222, -0.001851851851851852, -5.830772132550426e-11, -2.5514193994946248e-11, 9.14769958223679e-10,
    -4.382036018453353e-09, 1.0261809784240309e-08, 6.707853543401498e-09, -1.7665952736826078e-07, 8.296711340953087e-07,
    -1.85406221071516e-06, -2.185448510679992e-06, 3.919263178522438e-05, -0.0001787551440329218, 0.0003527336860670194,
    0.0011574074074074073, -0.014814814814814815, 0.08333333333333333, -0.3333333333333333};
$const int tv_temme_counts[6] = {5, 7, 9, 11, 15, 17};
static inline double tv_gamma_wide_f64(double a, double x)
{
    const double m = (x - a) / a, square = tv_log1p_gap_f64(m, x / a), eta = m < 0 ? -sqrt(2 * square) : sqrt(2 * square);
    int at = 0;
    double sum = 0;
    for (int k = 0; k < 6; k++) {
        double part = 0;
        for (int n = 0; n < tv_temme_counts[k]; n++) part = part * eta + tv_temme_numbers[at++];
        sum = sum / a + part;
    }
    const double rest = sum / sqrt(6.283185307179586 * a);
    return exp(-a * square) * (0.5 * tv_erfcx_f64(sqrt(a * square)) + (m < 0 ? -rest : rest));
}
/*@ gamma_small f64 */
/* gammaincc of small a and x, where it is a small difference: 8.7.1 with x**a / gamma(a + 1) - 1 by expm1 */
static inline double tv_gamma_small_f64(double a, double x)
{
    const double rest = a < 1 ? a * (a - 1) * tv_gammaln_0_f64(a + 1) : tv_gammaln_f64(a + 1);
    const double u = expm1(a * log(x) - rest);
    double term = 1, sum = 0;
    for (int k = 1; k < 60; k++) { term *= -x / k; sum += term / (a + k); if (fabs(term) < 1e-18) break; }
    return -u - (1 + u) * a * sum;
}
/*@ gammainc_edge f64 */
/* The upper one where it is 0, 1 or NaN; -1 elsewhere */
static inline double tv_gammainc_edge_f64(double a, double x)
{
    const double inf = 1.0 / 0.0;
    if (!(a >= 0) || !(x >= 0) || (a == inf && x == inf)) return 0.0 / 0.0;
    if (a == 0) return x > 0 ? 0 : 0.0 / 0.0;
    return x == 0 || a == inf ? 1 : x == inf ? 0 : -1;
}
/*@ gammaincc f64 */
static inline double tv_gammaincc_f64(double a, double x)
{
    const double edge = tv_gammainc_edge_f64(a, x);
    if (!(edge < 0)) return edge;
    if (a > 200 && fabs(x - a) < 0.3 * a) return x < a ? 1 - tv_gamma_wide_f64(a, x) : tv_gamma_wide_f64(a, x);
    if (x > 1.1) return x < a ? 1 - tv_gamma_series_f64(a, x) : tv_gamma_fraction_f64(a, x);
    return (x <= 0.5 ? -0.4 / log(x) < a : x * 1.1 < a) ? 1 - tv_gamma_series_f64(a, x) : tv_gamma_small_f64(a, x);
}
/*@ gammainc f64 */
static inline double tv_gammainc_f64(double a, double x)
{
    const double edge = tv_gammainc_edge_f64(a, x);
    if (!(edge < 0)) return 1 - edge;
    if (a > 200 && fabs(x - a) < 0.3 * a) return x < a ? tv_gamma_wide_f64(a, x) : 1 - tv_gamma_wide_f64(a, x);
    return x > 1.1 && x > a ? 1 - tv_gamma_fraction_f64(a, x) : tv_gamma_series_f64(a, x);
}
/*@ gamma_quantile f64 */
/* x where gammainc(a, x) = p = 1 - q: Newton's steps on the logarithm of the smaller of the two, kept between bounds */
static inline double tv_gamma_quantile_f64(double a, double p, double q)
{
    const double inf = 1.0 / 0.0;
    if (!(a >= 0) || !(p >= 0) || !(q >= 0)) return 0.0 / 0.0;
    if (p == 0) return 0;
    if (q == 0) return inf;
    if (a == 0 || a == inf) return 0.0 / 0.0;
    const double z = p < 0.5 ? tv_ndtri_f64(p) : -tv_ndtri_f64(q), w = 1 - 1 / (9 * a) + z / (3 * sqrt(a));
    double x = a > 1 && w > 0.2 ? a * w * w * w : exp((log(p) + tv_gammaln_f64(a + 1)) / a), low = 0, high = inf;
    const double enough = 1e-9 / sqrt(sqrt(1 + a));
    if (p > 0.5 && a <= 1) x = x < 1 ? x : 1 - log(q) > 1 ? 1 - log(q) : 1;
    for (int k = 0; k < 200; k++) {
        if (x == 0) return 0;
        const int lower = p < 0.5;
        const double f = lower ? tv_gammainc_f64(a, x) : tv_gammaincc_f64(a, x), slope = a * tv_gamma_term_f64(a, x) / x;
        const double off = log(f / (lower ? p : q)) * (lower ? 1 : -1);
        if (off > 0) high = x; else low = x;
        const double step = lower ? expm1(-off * f / (slope * x)) * x : -off * f / slope;
        double next = x + step;
        if (fabs(step) <= enough * x || next == x) return next;        /* what is left is step**2 / (x / sqrt(a)) */
        if (!(next > low && next < high)) next = high == inf ? 2 * x : low == 0 ? high * 0.125 : 0.5 * (low + high);
        x = next;
    }
    return x;
}
/*@ gammaincinv f64 */
static inline double tv_gammaincinv_f64(double a, double p) { return tv_gamma_quantile_f64(a, p, 1 - p); }
/*@ gammainccinv f64 */
static inline double tv_gammainccinv_f64(double a, double q) { return tv_gamma_quantile_f64(a, 1 - q, q); }
/*@ poch f64 */
static inline double tv_poch_f64(double z, double m)
{
    if (m == floor(m) && fabs(m) <= 32) {
        double r = 1;
        for (int k = 0; k < (int)m; k++) r *= z + k;
        for (int k = -1; k >= (int)m; k--) r /= z + k;
        return r;
    }
    const double s = z + m, t = s - z, lost = (z - (s - t)) + (m - t);     /* z + m = s + lost */
    if (s <= 0 && s == floor(s) && lost == 0) {
        if (z != floor(z)) return 1.0 / 0.0;
        const double size = tv_gamma_f64(1 - z) * tv_rgamma_f64(1 - s);
        return m - 2 * floor(m / 2) == 0 ? size : -size;
    }
    if (s > 170 && z >= 8) return exp(-tv_gammaln_drop_f64(m, z));
    return tv_gamma_f64(s) * tv_rgamma_f64(z) * (s > 1 ? 1 + lost * tv_digamma_f64(s) : 1);
}
/*@ zeta_sum f64 */
/* Sum of (q + k)**-s of s > 1 by Euler and Maclaurin, 25.11.5; the numbers are B(2j) / (2j)!. It ends where the terms no longer count,
   which they do for long only where s is small: some 60 terms at most. */
$const double tv_zeta_numbers[12] = {0.08333333333333333, -0.001388888888888889, 3.306878306878307e-05, -8.267195767195768e-07,
    2.0876756987868098e-08, -5.284190138687493e-10, 1.3382536530684679e-11, -3.3896802963225829e-13, 8.586062056277845e-15,
    -2.174868698558062e-16, 5.50900282836023e-18, -1.3954464685812523e-19};
static inline double tv_zeta_sum_f64(double s, double q)
{
    if (q > 1e8) return (1 / (s - 1) + 1 / (2 * q)) * pow(q, 1 - s);
    double sum = 0, w = q;
    for (int k = 0; k < 100 && (w < 12 || w < 0.5 * (s + 24)); k++, w++) {
        const double term = pow(w, -s);
        sum += term;
        if (w > 0 && term * (1 + w / (s - 1)) <= 1e-17 * fabs(sum)) return sum;
    }
    const double power = pow(w, -s);
    double factor = s / w, tail = w / (s - 1) + 0.5;
    for (int j = 0; j < 12; j++) {
        tail += tv_zeta_numbers[j] * factor;
        factor *= (s + 2 * j + 1) * (s + 2 * j + 2) / (w * w);
    }
    return sum + power * tail;
}
/*@ zeta f64 */
/* Far left of 0 the terms between q and 0 are the difference of two sums on the right */
static inline double tv_zeta_f64(double s, double q)
{
    if (s != s || q != q || s < 1) return 0.0 / 0.0;
    if (s == 1) return 1.0 / 0.0;
    if (q <= 0) {
        if (q == floor(q)) return 1.0 / 0.0;
        if (s != floor(s)) return 0.0 / 0.0;
    }
    if (q > -20) return tv_zeta_sum_f64(s, q);
    const double part = q - floor(q), left = tv_zeta_sum_f64(s, 1 - part) - tv_zeta_sum_f64(s, 1 - q);
    return tv_zeta_sum_f64(s, part) + (s - 2 * floor(s / 2) == 1 ? -left : left);
}
/*@ polygamma f64 */
static inline double tv_polygamma_f64(double n, double x)
{
    const double size = n == 0 ? tv_digamma_f64(x) : tv_gamma_f64(n + 1) * tv_zeta_f64(n + 1, x);
    return n == 0 || n - 2 * floor(n / 2) != 0 ? size : -size;
}
