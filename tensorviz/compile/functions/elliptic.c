/* Elliptic integrals: complete ones by the arithmetic-geometric mean, without branches, others by Carlson's symmetric forms and
   his duplication (1995). Formulas by their numbers in DLMF (dlmf.nist.gov). */
/*@ ellipkm1 f64 */
/* K of parameter 1 - p, 19.8.5: 14 steps are enough for the smallest p */
static inline double tv_ellipkm1_f64(double p)
{
    double a = 1, b = sqrt(p);
    for (int k = 0; k < 14; k++) { const double t = 0.5 * (a + b); b = sqrt(a * b); a = t; }
    return p == 0 ? 1.0 / 0.0 : p == 1.0 / 0.0 ? 0 : 1.5707963267948966 / a;
}
/*@ ellipk f64 */
static inline double tv_ellipk_f64(double m) { return tv_ellipkm1_f64(1 - m); }
/*@ ellip_drop f64 */
/* 1 - E / K of parameter m = 1 - p, by the mean's differences, 19.8.6: all are positive */
static inline double tv_ellip_drop_f64(double m, double p)
{
    double a = 1, b = sqrt(p), sum = 0.5 * m, weight = 1;
    for (int k = 0; k < 8; k++) {
        const double c = 0.5 * (a - b), t = 0.5 * (a + b);
        b = sqrt(a * b); a = t; sum += weight * c * c; weight *= 2;
    }
    return sum;
}
/*@ ellipe f64 */
/* Right of 1/2 by Legendre's relation 19.7.1, left of 0 by 19.7.3 */
static inline double tv_ellipe_f64(double x)
{
    const double q = 1 - x, m = x < 0 ? -x / q : x, p = x < 0 ? 1 / q : q, other = tv_ellipkm1_f64(m), whole = tv_ellipkm1_f64(p);
    const double low = whole * (1 - tv_ellip_drop_f64(m, p));
    const double high = p == 0 ? 1 : 1.5707963267948966 / other + whole * tv_ellip_drop_f64(p, m);
    return (m < 0.5 ? low : high) * (x < 0 ? sqrt(q) : 1.0);
}
/*@ elliprf f64 */
static inline double tv_elliprf_f64(double x, double y, double z)
{
    const double inf = 1.0 / 0.0;
    if (!(x >= 0) || !(y >= 0) || !(z >= 0)) return 0.0 / 0.0;
    if (x == inf || y == inf || z == inf) return 0;
    if ((x == 0) + (y == 0) + (z == 0) > 1) return inf;
    for (int k = 0; k < 1100; k++) {
        const double mean = (x + y + z) / 3, a = 1 - x / mean, b = 1 - y / mean, c = -(a + b);
        if (fabs(a) < 0.003 && fabs(b) < 0.003 && fabs(c) < 0.003) {
            const double e = a * b - c * c, f = a * b * c;                      /* 19.36.1 */
            return (1 - e / 10 + f / 14 + e * e / 24 - 3 * e * f / 44 - 5 * e * e * e / 208 + 3 * f * f / 104 + e * e * f / 16)
                / sqrt(mean);
        }
        const double r = sqrt(x), s = sqrt(y), t = sqrt(z), add = r * s + s * t + t * r;
        x = 0.25 * (x + add); y = 0.25 * (y + add); z = 0.25 * (z + add);
    }
    return 0.0 / 0.0;
}
/*@ elliprd f64 */
static inline double tv_elliprd_f64(double x, double y, double z)
{
    const double inf = 1.0 / 0.0;
    if (!(x >= 0) || !(y >= 0) || !(z >= 0)) return 0.0 / 0.0;
    if (x == inf || y == inf || z == inf) return 0;
    if (z == 0 || (x == 0 && y == 0)) return inf;
    double sum = 0, scale = 1;
    for (int k = 0; k < 1100; k++) {
        const double mean = (x + y + 3 * z) / 5, a = 1 - x / mean, b = 1 - y / mean, c = -(a + b) / 3;
        if (fabs(a) < 0.003 && fabs(b) < 0.003 && fabs(c) < 0.003) {
            const double p = a * b, q = c * c, e2 = p - 6 * q, e3 = (3 * p - 8 * q) * c, e4 = 3 * (p - q) * q, e5 = p * q * c;
            return 3 * sum + scale / (mean * sqrt(mean)) * (1 - 3 * e2 / 14 + e3 / 6 + 9 * e2 * e2 / 88 - 3 * e4 / 22
                - 9 * e2 * e3 / 52 + 3 * e5 / 26 - e2 * e2 * e2 / 16 + 3 * e3 * e3 / 40 + 3 * e2 * e4 / 20);      /* 19.36.2 */
        }
        const double r = sqrt(x), s = sqrt(y), t = sqrt(z), add = r * s + s * t + t * r;
        sum += scale / (t * (z + add));
        scale *= 0.25;
        x = 0.25 * (x + add); y = 0.25 * (y + add); z = 0.25 * (z + add);
    }
    return 0.0 / 0.0;
}
/*@ elliprc f64 */
/* Carlson's degenerate form, 19.2.17 to 19.2.20; the principal value for y below 0 */
static inline double tv_elliprc_f64(double x, double y)
{
    const double inf = 1.0 / 0.0;
    if (!(x >= 0) || y != y || y == 0) return 0.0 / 0.0;
    if (x == inf || fabs(y) == inf) return 0;
    const double d = y - x, size = sqrt(fabs(d));
    if (x == 0) return y > 0 ? 1.5707963267948966 / sqrt(y) : 0;
    if (fabs(d) < 0.05 * y) {                                                   /* 19.5.2's series of arctan(r) / r */
        const double t = d / x;
        double sum = 0;
        for (int k = 18; k >= 0; k--) sum = 1.0 / (2 * k + 1) - t * sum;
        return sum / sqrt(x);
    }
    if (d > 0) return atan(size / sqrt(x)) / size;
    return y > 0 ? log((sqrt(x) + size) / sqrt(y)) / size : asinh(sqrt(x / -y)) / size;
}
/*@ ellip_turn f64 */
/* The angle less the nearest multiple of pi, which is n times pi */
static inline double tv_ellip_turn_f64(double angle, double n)
{
    return (angle - n * 3.141592653589793) - n * 1.2246467991473532e-16;
}
/*@ ellipkinc f64 */
/* 19.25.5 */
static inline double tv_ellipkinc_f64(double angle, double m)
{
    const double inf = 1.0 / 0.0;
    if (angle != angle || !(m <= 1)) return 0.0 / 0.0;
    if (m == -inf) return angle - angle == 0 ? 0 : 0.0 / 0.0;
    if (angle - angle != 0) return angle;
    if (m == 0) return angle;
    const double n = rint(angle * 0.3183098861837907), r = tv_ellip_turn_f64(angle, n), s = sin(r), c = cos(r);
    if (m == 1) return n != 0 || fabs(angle) >= 1.5707963267948966 ? copysign(inf, angle) : asinh(tan(angle));
    const double y = m > 0 ? c * c + (1 - m) * s * s : 1 - m * s * s;
    return s * tv_elliprf_f64(c * c, y, 1.0) + (n == 0 ? 0 : 2 * n * tv_ellipk_f64(m));
}
/*@ ellipeinc f64 */
/* 19.25.9 left of 0, 19.25.10 right of it: no terms cancel */
static inline double tv_ellipeinc_f64(double angle, double m)
{
    const double inf = 1.0 / 0.0;
    if (angle != angle || !(m <= 1)) return 0.0 / 0.0;
    if (angle - angle != 0) return angle;
    if (m == -inf) return angle == 0 ? angle : copysign(inf, angle);
    if (m == 0) return angle;
    const double n = rint(angle * 0.3183098861837907), r = tv_ellip_turn_f64(angle, n), s = sin(r), c = cos(r), q = 1 - m;
    const double turns = n == 0 ? 0 : 2 * n * tv_ellipe_f64(m), square = c * c;
    if (m < 0) {
        const double y = 1 - m * s * s;
        return s * tv_elliprf_f64(square, y, 1.0) - m * s * s * s * tv_elliprd_f64(square, y, 1.0) / 3 + turns;
    }
    if (m == 1) return s + turns;
    const double y = square + q * s * s;
    const double first = s * tv_elliprf_f64(square, y, 1.0), second = m * s * s * s * tv_elliprd_f64(square, 1.0, y) / 3;
    return q * (first + second) + m * s * fabs(c) / sqrt(y) + turns;
}
