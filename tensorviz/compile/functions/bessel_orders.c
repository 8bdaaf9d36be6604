/* Bessel functions of any order and Owen's T function. Formulas by their numbers in DLMF (dlmf.nist.gov). */
/*@ owens_part f64 */
/* Owen's T of h >= 0 and a in [0, 1] by Gauss' rule with 32 nodes on the part of [0, a] that counts */
$const double tv_gauss_nodes[16] = {0.04830766568773832, 0.1444719615827965, 0.23928736225213706, 0.33186860228212767,
    0.42135127613063533, 0.5068999089322294, 0.5877157572407623, 0.6630442669302152, 0.7321821187402897, 0.7944837959679424,
    0.84936761373257, 0.8963211557660521, 0.9349060759377397, 0.9647622555875064, 0.9856115115452684, 0.9972638618494816};
$const double tv_gauss_weights[16] = {0.0965400885147278, 0.09563872007927486, 0.09384439908080457, 0.09117387869576389,
    0.08765209300440381, 0.08331192422694675, 0.07819389578707031, 0.0723457941088485, 0.06582222277636185,
    0.058684093478535544, 0.050998059262376175, 0.04283589802222668, 0.03427386291302143, 0.02539206530926206,
    0.01627439473090567, 0.007018610009470096};
static inline double tv_owens_part_f64(double h, double a)
{
    const double halved = 0.5 * (a * h > 9 ? 9 / h : a);
    double sum = 0;
    for (int k = 0; k < 16; k++) {
        const double x = halved * (1 + tv_gauss_nodes[k]), y = halved * (1 - tv_gauss_nodes[k]);
        sum += tv_gauss_weights[k] * (exp(-0.5 * (h * x) * (h * x)) / (1 + x * x) + exp(-0.5 * (h * y) * (h * y)) / (1 + y * y));
    }
    return tv_exp_square_f64(h, -0.5) * halved * sum * 0.15915494309189535;
}
/*@ owens_t f64 */
static inline double tv_owens_t_f64(double h, double a)
{
    const double x = fabs(h), b = fabs(a);
    if (x != x || b != b) return x + b;
    if (x == 1.0 / 0.0) return 0;
    double r;
    if (b <= 1) r = tv_owens_part_f64(x, b);
    else if (b == 1.0 / 0.0) r = 0.5 * tv_ndtr_f64(-x);
    else {
        const double p = tv_ndtr_f64(-x), q = tv_ndtr_f64(-b * x);
        r = 0.5 * (p + q) - p * q - tv_owens_part_f64(b * x, 1 / b);
    }
    return a < 0 ? -r : r;
}
/*@ k_scaled f64 */
/* exp(x + s) K_v(x) for s = -x or 0, by the trapezoidal rule for the integral of exp(-x (cosh t - 1)) cosh(v t), 10.32.9: it is
   analytic and even, so that the error is far below rounding with this step. */
static inline double tv_k_scaled_f64(double order, double x, double s)
{
    const double v = fabs(order);
    if (v != v || x != x || x < 0 || v == 1.0 / 0.0) return 0.0 / 0.0;
    if (x == 0) return 1.0 / 0.0;
    if (x == 1.0 / 0.0) return 0;
    const double whole = hypot(x, v), size = sqrt(whole), h = 6.283185307179586 / (26 + 9 * size), ratio = (v + whole) / x;
    const double peak = ratio < 1.0 / 0.0 ? log(ratio) : log(v + whole) - log(x), near = sinh(0.5 * peak);
    const double top = v * peak - 2 * x * near * near, first = peak > 4000 * h ? floor(peak / h) - 4000 : 0;
    if (fabs(top + s) > 2000) return top + s > 0 ? 1.0 / 0.0 : 0;
    double sum = 0;
    for (int k = 0; k < 10000; k++) {
        const double t = (first + k) * h, halved = sinh(0.5 * t), base = -2 * x * halved * halved - top;
        const double term = exp(base + v * t) + exp(base - v * t);
        sum += t == 0 ? 0.5 * term : term;
        if (t > peak && term < 1e-18 * sum) break;
    }
    return 0.5 * h * sum * exp(top + s);
}
/*@ kv f64 */
static inline double tv_kv_f64(double v, double x) { return tv_k_scaled_f64(v, x, -x); }
/*@ kve f64 */
static inline double tv_kve_f64(double v, double x) { return tv_k_scaled_f64(v, x, 0.0); }
/*@ i_scaled f64 */
/* exp(-x) I_v(x) of v >= 0 and x > 0: the series 10.25.2, Hankel's form 10.40.1 far out, else by I_(v+1) / I_v as a continued
   fraction (10.33.1) and the Wronskian with K (10.28.2) */
static inline double tv_i_scaled_f64(double v, double x)
{
    if (x < 20 || x * x < 4 * (v + 1)) {
        double term = 1, sum = 1;
        const double z = 0.25 * x * x;
        for (int k = 1; k < 10000 && term > 1e-17 * sum; k++) { term *= z / (k * (k + v)); sum += term; }
        if (v < 100) return pow(0.5 * x, v) * (v < 1 ? tv_rgamma_f64(v + 1) : tv_rgamma_f64(v) / v) * sum * exp(-x);
        return exp(v * log(0.5 * x) - tv_gammaln_f64(v + 1) - x) * sum;
    }
    if (x > 40 && x > 0.5 * v * v) {
        double term = 1, sum = 1;
        for (int k = 1; k < 200; k++) {
            const double next = -term * (2 * v - (2 * k - 1)) * (2 * v + (2 * k - 1)) / (8 * k * x);
            if (fabs(next) < 1e-17 || (fabs(next) > fabs(term) && k > v)) break;
            term = next; sum += term;
        }
        return sum / sqrt(6.283185307179586 * x);
    }
    double b = 2 * (v + 1) / x, c = b, d = 0, f = b;
    for (int k = 2; k < 1000000; k++) {
        b = 2 * (v + k) / x;
        d = 1 / (b + d); c = b + 1 / c;
        f *= c * d;
        if (fabs(c * d - 1) < 2e-16) break;
    }
    return 1 / (x * (tv_k_scaled_f64(v + 1, x, 0.0) + tv_k_scaled_f64(v, x, 0.0) / f));
}
/*@ i_any f64 */
/* I_v(x), times exp(-|x|) if scaled */
static inline double tv_i_any_f64(double order, double x, int scaled)
{
    const double inf = 1.0 / 0.0, v = fabs(order), a = fabs(x);
    const int whole = order == floor(order);
    if (order != order || x != x || (x < 0 && !whole) || v == inf) return 0.0 / 0.0;
    if (a == 0) return order == 0 ? 1 : order > 0 || whole ? 0 : inf * tv_rgamma_f64(order + 1);
    if (a == inf) return scaled ? 0 : x > 0 || v - 2 * floor(v / 2) == 0 ? inf : -inf;
    const double halved = a > 700 ? 0.5 * a : a, grow = scaled ? 1 : exp(halved);
    double r = tv_i_scaled_f64(v, a) * grow;
    if (!scaled && a > 700) r *= exp(a - halved);
    if (order < 0 && !whole) r += 0.6366197723675814 * tv_sin_pi_f64(v) * tv_k_scaled_f64(v, a, scaled ? -2 * a : -a);
    return x < 0 && v - 2 * floor(v / 2) != 0 ? -r : r;
}
/*@ iv f64 */
static inline double tv_iv_f64(double v, double x) { return tv_i_any_f64(v, x, 0); }
/*@ ive f64 */
static inline double tv_ive_f64(double v, double x) { return tv_i_any_f64(v, x, 1); }
/*@ j_far f64 */
/* Hankel's form 10.17.3; the phase is split so that x itself goes into sin and cos */
static inline double tv_j_far_f64(double v, double x)
{
    double term = 1, even = 1, odd = 0;
    for (int k = 1; k < 400; k++) {
        const double next = term * (2 * v - (2 * k - 1)) * (2 * v + (2 * k - 1)) / (8 * k * x);
        if (fabs(next) < 1e-18 || (fabs(next) > fabs(term) && k > fabs(v))) break;
        term = next;
        if (k & 1) odd += k & 2 ? -term : term; else even += k & 2 ? -term : term;
    }
    const double w = 0.5 * (v - 4 * rint(0.25 * v)) + 0.25, c = tv_sin_pi_f64(w + 0.5), s = tv_sin_pi_f64(w);
    const double cx = cos(x), sx = sin(x);
    return sqrt(0.6366197723675814 / x) * (even * (cx * c + sx * s) - odd * (sx * c - cx * s));
}
/*@ j_back f64 */
/* Downwards by the recurrence 10.6.1 from far above (Miller), made to fit 10.23.15 at the order between 0 and 1, and on below 0 */
static inline double tv_j_back_f64(double v, double x)
{
    const double base = v - floor(v), most = v > x ? v : x;
    const int n = (int)floor(v), start = 2 * (int)(0.5 * (most + 20 + 12 * cbrt(most + 1)));
    double above = 0, here = 1e-290, found = 0, sum = 0;
    for (int k = start; k >= 0; k--) {
        if (k == n) found = here;
        if ((k & 1) == 0) {
            const double j = 0.5 * k;                   /* the weight is (base + 2 j) gamma(base + j) / j! */
            sum += here * (k == 0 ? tv_gamma_f64(base + 1) : (base + k) * exp(tv_gammaln_f64(base + j) - tv_gammaln_f64(j + 1)));
        }
        if (k == 0) break;
        const double below = 2 * (base + k) / x * here - above;
        above = here; here = below;
        if (fabs(here) > 1e250) { here *= 1e-250; above *= 1e-250; found *= 1e-250; sum *= 1e-250; }
    }
    const double scale = pow(0.5 * x, base) / sum;
    if (n >= 0) return found * scale;
    double up = above * scale, now = here * scale;
    for (int k = 0; k > n; k--) { const double below = 2 * (base + k) / x * now - up; up = now; now = below; }
    return now;
}
/*@ jv f64 */
static inline double tv_jv_f64(double order, double x)
{
    const double inf = 1.0 / 0.0, a = fabs(x);
    const int whole = order == floor(order);
    const double v = whole ? fabs(order) : order;
    if (v != v || x != x || (x < 0 && !whole) || fabs(v) == inf) return 0.0 / 0.0;
    double r;
    if (a == inf) return 0;
    if (a == 0) return v == 0 ? 1 : v > 0 ? 0 : inf * tv_rgamma_f64(v + 1);
    if (a > 30 && a > 0.5 * v * v) r = tv_j_far_f64(v, a);
    else if (v >= 0 && a * a < 4 * (v + 1)) {
        double term = 1, sum = 1;
        for (int k = 1; k < 500 && fabs(term) > 1e-18; k++) { term *= -0.25 * a * a / (k * (k + v)); sum += term; }
        if (v < 100) r = pow(0.5 * a, v) * (v < 1 ? tv_rgamma_f64(v + 1) : tv_rgamma_f64(v) / v) * sum;
        else r = exp(v * log(0.5 * a) - tv_gammaln_f64(v + 1)) * sum;
    } else if (fabs(v) > 1e6 || a > 1e8) return 0.0 / 0.0;
    else r = tv_j_back_f64(v, a);
    return ((x < 0) != (whole && order < 0)) && whole && v - 2 * floor(v / 2) != 0 ? -r : r;
}
