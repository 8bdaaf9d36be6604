/* Functions that solve equations (Lambert's W, Wright's omega, Kolmogorov's quantile) and others that loop: exponential integrals
   of any order, 0F1, the Faddeeva function. Formulas by their numbers in DLMF (dlmf.nist.gov) or by their papers. */
/*@ lambert_near f64 */
/* W around its branch point in powers of p = sqrt(2 (e z + 1)), 4.13.6 with its later terms */
static inline double tv_lambert_near_f64(double p)
{
    return -1 + p * (1 + p * (-0.3333333333333333 + p * (0.1527777777777778 + p * (-0.07962962962962963
        + p * (0.044502314814814814
        + p * (-0.02598471487360376 + p * (0.01563563253233392 + p * (-0.009616892024299432 + p * (0.006014543252956118
        + p * (-0.0038112980348919993 + p * (0.0024408779911439826 + p * (-0.0015769303446867841 + p * (0.0010262633205076071
        + p * (-0.0006720616311561362 + p * (0.0004424730618146209 + p * (-0.00029267722472962746 + p * (0.00019438727605453933
        + p * (-0.00012957426685274883 + p * (8.665035805208128e-05 + p * (-5.811360750441382e-05
        + p * 3.907668486743905e-05))))))))))))))))))));
}
/*@ lambert_gap f64 */
/* e z + 1 without what rounding takes from e and from e z; 0 at the double that is nearest to the branch point */
static inline double tv_lambert_gap_f64(double z)
{
    const double e = 2.718281828459045, p = e * z;
    const double g = (p + 1) + (tv_lost_f64(e, z, p) + 1.4456468917292502e-16 * z);
    return (g < 0) & (g > -1e-16) ? 0 : g;
}
/*@ lambert_step f64 */
/* A step of fourth order for w + log w = log z of the rest r = log(z / w) - w (Fritsch, Shafer and Crowley, 1973) */
static inline double tv_lambert_step_f64(double w, double r)
{
    const double t = 1 + w, q = 2 * t * (t + 0.6666666666666666 * r);
    return w * (1 + r / t * ((q - r) / (q - 2 * r)));
}
/*@ lambertw_0 f64 */
static inline double tv_lambertw_0_f64(double z)
{
    const double p = sqrt(2 * tv_lambert_gap_f64(z)), near = tv_lambert_near_f64(p);
    const double l = log1p(z > 0 ? z : 0), m = log(z > 3 ? z : 3);
    double w = z < -0.2 ? -1 + p * (1 - p * (0.3333333333333333 - p * (0.1527777777777778 - 0.08 * p)))
        : z < 0 ? z * (1 - z * (1 - 1.5 * z)) : z < 3 ? l * (1 - log1p(l) / (2 + l)) : m - log(m) * (1 - 1 / m);
    for (int k = 0; k < 3; k++) w = tv_lambert_step_f64(w, log(z / w) - w);
    return fabs(z) < 1e-300 || z == 1.0 / 0.0 ? z : p < 0.3 ? near : w;
}
/*@ lambertw_m1 f64 */
static inline double tv_lambertw_m1_f64(double z)
{
    const double p = sqrt(2 * tv_lambert_gap_f64(z)), near = tv_lambert_near_f64(-p), l = log(-z), m = log(-l);
    double w = z < -0.2 ? -1 - p * (1 + p * (0.3333333333333333 + p * (0.1527777777777778 + 0.11 * p))) : l - m + m / l;
    for (int k = 0; k < 3; k++) w = tv_lambert_step_f64(w, (l - log(-w)) - w);
    return z > 0 ? 0.0 / 0.0 : z == 0 ? -1.0 / 0.0 : p < 0.3 ? near : w;
}
/*@ wrightomega f64 */
/* w + log w = x; left of -2 as w = exp(x) exp(-w), whose logarithm would lose digits */
static inline double tv_wrightomega_f64(double x)
{
    const double y = x > 1 ? x : 1, e = exp(x < 1 ? x : 1);
    double w = x < 1 ? exp(0.6666666666666666 * ((x < -2 ? -2 : x) - 1)) : y - log(y) * (1 - 1 / (y + 1)), v = e * (1 - e);
    for (int k = 0; k < 3; k++) {
        w = tv_lambert_step_f64(w, x - w - log(w));
        v = v - (v - e * exp(-v)) / (1 + v);
    }
    return x < -2 ? v : x > 1e20 ? x : w;
}
/*@ expn f64 */
/* 8.19.8 up to 1, beyond it the continued fraction 8.19.17 from its end; the order is cut to a whole number as SciPy does */
static inline double tv_expn_f64(double order, double x)
{
    const double n = trunc(order), inf = 1.0 / 0.0;
    if (!(n >= 0) || !(x >= 0) || n == inf) return 0.0 / 0.0;
    if (x == inf) return 0;
    if (n == 0) return exp(-x) / x;
    if (x == 0) return n > 1 ? 1 / (n - 1) : inf;
    if (n == 1) return tv_exp1_f64(x);
    if (x <= 1) {
        double sum = 1 / (n - 1), term = 1;
        for (int k = 1; k < 200; k++) {
            term *= -x / k;
            double part = -term / (k - (n - 1));
            if (k == n - 1) {
                double psi = -0.5772156649015329;
                for (int j = 1; j < n; j++) psi += 1.0 / j;
                part = term * (psi - log(x));
            }
            sum += part;
            if (fabs(part) < 1e-17 * fabs(sum) && k > x) break;
        }
        return sum;
    }
    const int count = 10 + (int)(90 / x);
    double rest = x + n + 2 * count;
    for (int k = count; k > 0; k--) rest = x + n + 2 * (k - 1) - k * (n - 1 + k) / rest;
    return exp(-x) / rest;
}
/*@ hyp0f1 f64 */
/* 16.2.1 where its terms don't cancel, else by J, 10.16.9 */
static inline double tv_hyp0f1_f64(double v, double z)
{
    if (v != v || z != z || z - z != 0 || (v <= 0 && v == floor(v))) return 0.0 / 0.0;
    if (z > -1 - fabs(v) || z > -2) {
        double term = 1, sum = 1;
        for (int k = 1; k < 100000; k++) {
            term *= z / (k * (v + (k - 1)));
            sum += term;
            if (fabs(term) <= 1e-17 * fabs(sum) && k + v > 1) break;
            if (sum - sum != 0) break;
        }
        return sum;
    }
    const double r = sqrt(-z), j = tv_jv_f64(v - 1, 2 * r);
    if (v < 100) return tv_gamma_f64(v) * j * pow(r, 1 - v);
    return j * exp(tv_gammaln_f64(v) + (1 - v) * log(r));
}
/*@ kolmogorov f64 */
/* Twice the alternating sum of exp(-2 k**2 x**2); left of its median 1 less the theta function turned over (20.7.32) */
static inline double tv_kolmogorov_f64(double x)
{
    const double y = x < 0.04 ? 0.04 : x, t = exp(-1.2337005501361697 / (y * y)), t2 = t * t, t4 = t2 * t2, t8 = t4 * t4;
    const double low = 1 - 2.5066282746310002 / y * (t + t * t8 * (1 + t8 * t8));
    const double s = tv_exp_square_f64(y, -2.0), s2 = s * s, s3 = s2 * s, s5 = s3 * s2;
    const double high = 2 * s * (1 - s3 * (1 - s5 * (1 - s5 * s2 * (1 - s5 * s3 * s * (1 - s5 * s5 * s)))));
    return x != x ? x : x < 0.04 ? 1 : x < 0.82 ? low : high;
}
/*@ kolmogorov_slope f64 */
static inline double tv_kolmogorov_slope_f64(double x)
{
    if (!(x > 0.02)) return x != x ? x : 0;
    double sum = 0;
    if (x < 0.82) {
        for (int k = 1; k < 8; k += 2) {
            const double w = k * k * 1.2337005501361697 / (x * x);
            sum += exp(-w) * (1 - 2 * w);
        }
        return 2.5066282746310002 / (x * x) * sum;
    }
    for (int k = 7; k > 0; k--) sum = (k & 1 ? 1 : -1) * (k * k) * exp(-2 * (k * x) * (k * x)) + sum;
    return -8 * x * sum;
}
/*@ kolmogi f64 */
/* Newton's steps on the logarithm of the smaller side, kept between bounds */
static inline double tv_kolmogi_f64(double p)
{
    if (!(p >= 0 && p <= 1)) return 0.0 / 0.0;
    if (p == 0) return 1.0 / 0.0;
    if (p == 1) return 0;
    double low = 0.02, high = 20, x = p < 0.6 ? sqrt(-0.5 * log(0.5 * p)) : 0.7;
    for (int k = 0; k < 100; k++) {
        const double f = tv_kolmogorov_f64(x), slope = tv_kolmogorov_slope_f64(x);
        const double step = p < 0.6 ? -f * log(f / p) / slope : (1 - f) * log((1 - f) / (1 - p)) / slope;
        if (f > p) low = x; else high = x;
        double next = x + step;
        if (fabs(step) <= 1e-9 * x) return next;                /* what is left is of the order of its square */
        if (!(next > low && next < high)) next = 0.5 * (low + high);
        if (next == x) return x;
        x = next;
    }
    return x;
}
/*@ faddeeva f64 */
/* The real (or, if `imaginary`, the imaginary) part of exp(-z**2) erfc(-i z) for x >= 0, y >= 0: the trapezoidal rule for
   7.7.2 with step h on the points k h, or between them, whichever are far from x, and the residues of the poles between it and
   the line (Matta and Reichel, 1971; Al Azah and Chandler-Wilde, 2021). Each part has terms of one sign where it is small. */
static inline double tv_faddeeva_f64(double x, double y, int imaginary)
{
    const double h = 0.5116633539732443, size = x * x + y * y;
    if (x > 1e5 || y > 1e5) {
        const double a = x > y ? x : y, u = x / a, v = y / a, d = u * u + v * v;
        const double p = u / d / a, q = v / d / a, s = 1 + 0.5 * (p - q) * (p + q);        /* i / (z - 1 / (2 z)), 7.9.1 */
        return 0.5641895835477563 * (imaginary ? p * s - p * q * q : q * s + p * p * q);
    }
    const double place = x / h, part = place - floor(place);
    const int turned = y < x && part >= 0.25 && part <= 0.75, poles = y < 6.139960247678932;
    double sum = turned ? (imaginary ? x : y) / size : 0;
    for (int k = 0; k < 12; k++) {
        const double t = turned ? (k + 1) * h : (k + 0.5) * h, e = exp(-t * t);
        const double a = (x - t) * (x - t) + y * y, b = (x + t) * (x + t) + y * y;
        sum += e * (imaginary ? 2 * x * (size - t * t) / (a * b) : y * (1 / a + 1 / b));
    }
    sum *= 0.16286750396764;
    if (!poles) return sum;
    const double angle = 12.279920495357863, grown = exp(angle * y), c = grown * cos(angle * x) * (turned ? -1 : 1);
    const double s = -grown * sin(angle * x) * (turned ? -1 : 1), d = (1 + c) * (1 + c) + s * s;
    const double e = 2 * tv_exp_square_f64(x, -1.0) * exp(y * y) / d, p = cos(2 * x * y), q = -sin(2 * x * y);
    return sum + e * (imaginary ? q * (1 + c) - p * s : p * (1 + c) + q * s);
}
/*@ wofz_real f64 */
static inline double tv_wofz_real_f64(double x, double y)
{
    const double a = fabs(x), b = fabs(y);
    if (x != x || y != y) return x + y;
    if (a == 1.0 / 0.0 || b == 1.0 / 0.0) return y == -1.0 / 0.0 ? 0.0 / 0.0 : 0;
    if (y >= 0) return y == 0 ? tv_exp_square_f64(x, -1.0) : tv_faddeeva_f64(a, b, 0);
    return 2 * exp((b - a) * (b + a)) * cos(2 * a * b) - tv_faddeeva_f64(a, b, 0);
}
/*@ wofz_imag f64 */
static inline double tv_wofz_imag_f64(double x, double y)
{
    const double a = fabs(x), b = fabs(y);
    if (x != x || y != y) return x + y;
    if (a == 1.0 / 0.0 || b == 1.0 / 0.0) return y == -1.0 / 0.0 ? 0.0 / 0.0 : 0;
    double r;
    if (y == 0) r = 1.1283791670955126 * tv_dawsn_f64(a);
    else r = tv_faddeeva_f64(a, b, 1);
    if (y < 0) r += 2 * exp((b - a) * (b + a)) * sin(2 * a * b);
    return x < 0 ? -r : r;
}
