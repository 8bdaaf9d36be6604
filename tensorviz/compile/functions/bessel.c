/* Bessel functions of orders 0 and 1 without branches; the polynomials stand in bessel_tables.c. Near zeros x - zero is a factor;
   far out Hankel's form holds (DLMF 10.17), whose sines and cosines are of x itself, so that large x lose nothing. */
/*@ i0e f64 */
static inline double tv_i0e_f64(double x)
{
    const double a = fabs(x), t = 4 / (4 + a), p = tv_i0e_0_f64(t), q = tv_i0e_1_f64(t), r = tv_i0e_2_f64(a);
    return a < 4 ? r : sqrt(t) * (t < 0.25 ? p : q);
}
/*@ i1e f64 */
static inline double tv_i1e_f64(double x)
{
    const double a = fabs(x), t = 4 / (4 + a), p = tv_i1e_0_f64(t), q = tv_i1e_1_f64(t), r = tv_i1e_2_f64(a);
    return a < 4 ? x * r : copysign((4 - 4 * t) * sqrt(t) * (t < 0.25 ? p : q), x);     /* (4 - 4 t) is a t */
}
/*@ i0 f64 */
static inline double tv_i0_f64(double x)
{
    const double a = fabs(x), far = a > 700, e = exp(far > 0 ? a - 64 : a);
    return a > 720 ? 1.0 / 0.0 : e * tv_i0e_f64(x) * (far > 0 ? 6.235149080811617e27 : 1);
}
/*@ i1 f64 */
static inline double tv_i1_f64(double x)
{
    const double a = fabs(x), far = a > 700, e = exp(far > 0 ? a - 64 : a);
    return a > 720 ? copysign(1.0 / 0.0, x) : e * tv_i1e_f64(x) * (far > 0 ? 6.235149080811617e27 : 1);
}
/*@ k0_near f64 */
static inline double tv_k0_near_f64(double x) { return tv_k0_0_f64(x * x) - log(x) * tv_k0_i_f64(x * x); }
/*@ k0_far f64 */
static inline double tv_k0_far_f64(double x)
{
    const double u = 1 / x, p = tv_k0_1_f64(u), q = tv_k0_2_f64(u), r = tv_k0_3_f64(u);
    return sqrt(u) * (u < 0.125 ? p : u < 0.375 ? q : r);
}
/*@ k0 f64 */
static inline double tv_k0_f64(double x)
{
    const double near = tv_k0_near_f64(x), far = tv_k0_far_f64(x) * exp(-x);
    return x <= 1 ? near : far;
}
/*@ k0e f64 */
static inline double tv_k0e_f64(double x)
{
    const double near = tv_k0_near_f64(x) * exp(x), far = tv_k0_far_f64(x);
    return x <= 1 ? near : far;
}
/*@ k1_near f64 */
static inline double tv_k1_near_f64(double x)
{
    return x == 0 ? 1.0 / 0.0 : 1 / x + (x * tv_k1_0_f64(x * x) + log(x) * (x * tv_k1_i_f64(x * x)));
}
/*@ k1_far f64 */
static inline double tv_k1_far_f64(double x)
{
    const double u = 1 / x, p = tv_k1_1_f64(u), q = tv_k1_2_f64(u), r = tv_k1_3_f64(u);
    return sqrt(u) * (u < 0.125 ? p : u < 0.375 ? q : r);
}
/*@ k1 f64 */
static inline double tv_k1_f64(double x)
{
    const double near = tv_k1_near_f64(x), far = tv_k1_far_f64(x) * exp(-x);
    return x <= 1 ? near : far;
}
/*@ k1e f64 */
static inline double tv_k1e_f64(double x)
{
    const double near = tv_k1_near_f64(x) * exp(x), far = tv_k1_far_f64(x);
    return x <= 1 ? near : far;
}
/*@ j0_near f64 */
static inline double tv_j0_near_f64(double a)
{
    return ((a - 2.404825557695773) + 1.176691651530894e-16) * (a + 2.404825557695773) * tv_j0_0_f64(a * a);
}
/*@ j0 f64 */
static inline double tv_j0_f64(double x)
{
    const double a = fabs(x), v = 1 / a, c = cos(a), s = sin(a), near = tv_j0_near_f64(a);
    const double middle = ((a - 5.520078110286311) - 8.088597146146722e-17) * tv_j0_1_f64(a);
    const double far = sqrt(v * 0.3183098861837907) * (tv_j0_p_f64(v * v) * (c + s) - v * tv_j0_q_f64(v * v) * (s - c));
    return a < 4 ? near : a < 7.125 ? middle : a == 1.0 / 0.0 ? 0 : far;
}
/*@ y0 f64 */
static inline double tv_y0_f64(double x)
{
    const double v = 1 / x, c = cos(x), s = sin(x), first = tv_y0_0_f64(x * x) + 0.6366197723675814 * log(x) * tv_j0_near_f64(x);
    const double p = ((x - 0.8935769662791675) - 2.6596231539720385e-17) * tv_y0_1_f64(x), q = tv_y0_2_f64(x);
    const double r = ((x - 3.957678419314858) + 1.0764340697562706e-16) * tv_y0_3_f64(x);
    const double t = ((x - 7.086051060301773) + 8.835285723085408e-17) * tv_y0_4_f64(x);
    const double far = sqrt(v * 0.3183098861837907) * (tv_j0_p_f64(v * v) * (s - c) + v * tv_j0_q_f64(v * v) * (c + s));
    return x < 0.625 ? first : x < 1.25 ? p : x < 2.5 ? q : x < 5 ? r : x < 8.5 ? t : x == 1.0 / 0.0 ? 0 : far;
}
/*@ j1_near f64 */
static inline double tv_j1_near_f64(double x)
{
    const double a = fabs(x);
    return x * (((a - 3.8317059702075125) + 1.5269184090088067e-16) * (a + 3.8317059702075125) * tv_j1_0_f64(a * a));
}
/*@ j1 f64 */
static inline double tv_j1_f64(double x)
{
    const double a = fabs(x), v = 1 / a, c = cos(a), s = sin(a), near = tv_j1_near_f64(a);
    const double middle = ((a - 7.015586669815619) + 9.414165653410389e-17) * tv_j1_1_f64(a);
    const double far = sqrt(v * 0.3183098861837907) * (tv_j1_p_f64(v * v) * (s - c) + v * tv_j1_q_f64(v * v) * (c + s));
    const double up = a < 5.5 ? near : a < 8.625 ? middle : a == 1.0 / 0.0 ? 0 : far;
    return x == 0 ? x : x < 0 ? -up : up;
}
/*@ y1 f64 */
static inline double tv_y1_f64(double x)
{
    const double v = 1 / x, c = cos(x), s = sin(x);
    const double first = x == 0 ? -1.0 / 0.0 : 0.6366197723675814 * (log(x) * tv_j1_near_f64(x) - v) + x * tv_y1_0_f64(x * x);
    const double p = tv_y1_1_f64(x), q = ((x - 2.197141326031017) + 4.8259835876454966e-17) * tv_y1_2_f64(x);
    const double r = ((x - 5.429681040794135) - 4.162514026670377e-16) * tv_y1_3_f64(x);
    const double far = sqrt(v * 0.3183098861837907) * (v * tv_j1_q_f64(v * v) * (s - c) - tv_j1_p_f64(v * v) * (c + s));
    return x < 1 ? first : x < 2 ? p : x < 4 ? q : x < 7 ? r : x == 1.0 / 0.0 ? 0 : far;
}
