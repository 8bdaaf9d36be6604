/* Exponential, sine, cosine and Fresnel integrals, Dawson's, the dilogarithm, Airy's functions: without branches, so that loops
   over them run on vectors. The polynomials (tv_dawsn_0_f64 and so on) stand in integral_tables.c and airy_tables.c. Formulas by
   their numbers in DLMF (dlmf.nist.gov). */
/*@ dawsn f64 */
static inline double tv_dawsn_f64(double x)
{
    const double a = fabs(x), z = a * a, v = 1 / z, near = x * tv_dawsn_0_f64(z), p = tv_dawsn_1_f64(a), q = tv_dawsn_2_f64(a);
    const double r = tv_dawsn_3_f64(a), s = tv_dawsn_4_f64(v) / a, t = tv_dawsn_5_f64(v) / a;
    return a < 1 ? near : copysign(a < 2 ? p : a < 3 ? q : a < 5 ? r : a < 8 ? s : t, x);
}
/*@ erfi f64 */
static inline double tv_erfi_f64(double x)
{
    const double inner = 1.1283791670955126 * x, e = tv_exp_square_f64(x, 1.0) * (1.1283791670955126 * tv_dawsn_f64(x));
    return fabs(x) < 1e-150 ? inner : x - x != 0 ? x : e;
}
/*@ exp1 f64 */
/* 6.6.2 up to 1 */
static inline double tv_exp1_f64(double x)
{
    const double u = 1 / x, low = x * tv_exp1_0_f64(x) - 0.5772156649015329 - log(x), e = exp(-x) * u;
    const double p = tv_exp1_1_f64(u), q = tv_exp1_2_f64(u), r = tv_exp1_3_f64(u);
    return x <= 1 ? low : e * (x > 8 ? p : u < 0.375 ? q : r);
}
/*@ expi f64 */
/* By its zero c up to 4; exp(x) of large x over exp(2), which would overflow before the quotient does */
static inline double tv_expi_f64(double x)
{
    const double u = 1 / x, d = (x - 0.3725074107813666) - 1.3140183414386028e-17;
    const double far = x < 1e-300 ? log(x) + 0.9874983466453419 : log(x * 2.6845103508207075);
    const double near = log1p(d * 2.6845103508207075), e = exp(x > 700 ? x - 2 : x) * u;
    const double low = ((x > 0.2) & (x < 0.7) ? near : far) + d * (x < 2 ? tv_expi_0_f64(x) : tv_expi_1_f64(x));
    const double p = tv_expi_2_f64(u), q = tv_expi_3_f64(u), r = tv_expi_4_f64(u), s = tv_expi_5_f64(u);
    const double high = e * (x < 8 ? p : x < 16 ? q : x < 40 ? r : s) * (x > 700 ? 7.38905609893065 : 1.0);
    return x < 0 ? -tv_exp1_f64(-x) : x < 4 ? low : x == 1.0 / 0.0 ? x : high;
}
/*@ trig_f f64 */
/* f and g of 6.2.17 and 6.2.18 for x > 4 */
static inline double tv_trig_f_f64(double x)
{
    const double v = 1 / x, z = v * v, p = tv_trig_f_0_f64(z), q = tv_trig_f_1_f64(z);
    return v * (x < 8 ? p : q);
}
/*@ trig_g f64 */
static inline double tv_trig_g_f64(double x)
{
    const double v = 1 / x, z = v * v, p = tv_trig_g_0_f64(z), q = tv_trig_g_1_f64(z);
    return z * (x < 8 ? p : q);
}
/*@ sine_integral f64 */
static inline double tv_sine_integral_f64(double x)
{
    const double a = fabs(x), near = x * tv_sine_integral_0_f64(a * a), f = tv_trig_f_f64(a), g = tv_trig_g_f64(a);
    const double far = a == 1.0 / 0.0 ? 1.5707963267948966 : 1.5707963267948966 - (f * cos(a) + g * sin(a));
    return a < 4 ? near : copysign(far, x);
}
/*@ cosine_integral f64 */
/* log |x| for negative x, which leaves the imaginary part out, as SciPy does */
static inline double tv_cosine_integral_f64(double x)
{
    const double a = fabs(x), c = 0.6165054856207163, d = (a - c) + 4.209920321433186e-17;
    const double f = tv_trig_f_f64(a), g = tv_trig_g_f64(a);
    const double close = log1p(d * 1.6220455832492229);
    const double wide = a < 1e-300 ? log(a) + 0.4836880584112972 : log(a * 1.6220455832492229);
    const double near = ((a > 0.35) & (a < 1.1) ? close : wide) + d * (a + c) * tv_cosine_integral_0_f64(a * a);
    const double later = ((a - 3.3841804225511862) - 1.972125462363411e-16) * tv_cosine_integral_1_f64(a);
    const double far = a == 1.0 / 0.0 ? (x > 0 ? 0.0 : 0.0 / 0.0) : f * sin(a) - g * cos(a);
    return a < 2 ? near : a < 4 ? later : far;
}
/*@ fresnel_f f64 */
static inline double tv_fresnel_f_f64(double x)
{
    const double v = 1 / x, z = (v * v) * (v * v), p = tv_fresnel_f_0_f64(z), q = tv_fresnel_f_1_f64(z);
    return v * (z > 0.015625 ? p : q);
}
/*@ fresnel_g f64 */
static inline double tv_fresnel_g_f64(double x)
{
    const double v = 1 / x, z = (v * v) * (v * v), p = tv_fresnel_g_0_f64(z), q = tv_fresnel_g_1_f64(z);
    return v * v * v * (z > 0.015625 ? p : q);
}
/*@ fresnel_turn f64 */
/* x**2 less the nearest multiple of 4, exact */
static inline double tv_fresnel_turn_f64(double x)
{
    const double p = x * x;
    return (p - 4 * rint(0.25 * p)) + tv_lost_f64(x, x, p);
}
/*@ fresnel_s f64 */
static inline double tv_fresnel_s_f64(double x)
{
    const double b = fabs(x), a = b > 1e18 ? 1e18 : b, z = a * a, w = 1.5707963267948966 * tv_fresnel_turn_f64(a);
    const double near = x * z * tv_fresnel_s_0_f64(z * z), f = tv_fresnel_f_f64(a), g = tv_fresnel_g_f64(a);
    const double far = 0.5 - (f * cos(w) + g * sin(w));
    return a < 1.625 ? near : b > 1e17 ? copysign(0.5, x) : copysign(far, x);
}
/*@ fresnel_c f64 */
static inline double tv_fresnel_c_f64(double x)
{
    const double b = fabs(x), a = b > 1e18 ? 1e18 : b, z = a * a, w = 1.5707963267948966 * tv_fresnel_turn_f64(a);
    const double near = x * tv_fresnel_c_0_f64(z * z), f = tv_fresnel_f_f64(a), g = tv_fresnel_g_f64(a);
    const double far = 0.5 + (f * sin(w) - g * cos(w));
    return a < 1.625 ? near : b > 1e17 ? copysign(0.5, x) : copysign(far, x);
}
/*@ spence f64 */
/* Li2(1 - z) in powers of L = -log z with Bernoulli's numbers (25.12.1 by parts), brought to [1/2, 2] by 25.12.4 and 25.12.6 */
static inline double tv_spence_f64(double z)
{
    const double l = log(z), m = log1p(z > 2 ? -1 / z : -z), L = (z < 0.5) | (z > 2) ? -m : -l, t = L * L;
    const double r = L - 0.25 * t + L * t * (0.027777777777777776 + t * (-0.0002777777777777778 + t * (4.72411186696901e-06
        + t * (-9.185773074661964e-08 + t * (1.8978869988971e-09 + t * (-4.0647616451442256e-11 + t * (8.921691020456452e-13
        + t * (-1.9939295860721074e-14 + t * (4.518980029619918e-16 + t * -1.0356517612181247e-17)))))))));
    const double low = 1.6449340668482264 - l * m - r, high = -0.5 * l * l - 1.6449340668482264 - l * m + r;
    return z == 0 ? 1.6449340668482264 : z < 0.5 ? low : z > 2 ? (z == 1.0 / 0.0 ? -z : high) : r;
}
/*@ airy_phase f64 */
/* What a**1.5 / 1.5, rounded to q, lacks */
static inline double tv_airy_phase_f64(double a, double q)
{
    const double s = sqrt(a), square = s * s, e = ((a - square) - tv_lost_f64(s, s, square)) / (s + s), p = a * s;
    const double triple = 3 * q;
    return (((2 * p - triple) - tv_lost_f64(3.0, q, triple)) + 2 * (tv_lost_f64(a, s, p) + a * e)) / 3;
}
/*@ airy_any f64 */
/* x**(1/4) P cos w + Q sin w and so on, 9.7.9 to 9.7.12, as `even` cos w + `odd` sin w, w = zeta - pi / 4 */
static inline double tv_airy_any_f64(double a, double even, double odd)
{
    const double q = 2 * (a * sqrt(a)) / 3, d = tv_airy_phase_f64(a, q), c = cos(q), s = sin(q), cd = c - d * s, sd = s + d * c;
    return 0.7071067811865476 * (even * (cd + sd) + odd * (sd - cd));
}
/*@ airy_grown f64 */
/* exp(sign zeta) of a > 2 */
static inline double tv_airy_grown_f64(double a, double sign)
{
    const double q = 2 * (a * sqrt(a)) / 3, d = tv_airy_phase_f64(a, q), e = exp(sign * q);
    return e - e == 0 ? e + e * (sign * d) : e;
}
/*@ airy_ai f64 */
static inline double tv_airy_ai_f64(double x)
{
    const double b = fabs(x), a = b > 1e6 ? 1e6 : b < 2 ? 2 : b, v = 1.5 / (a * sqrt(a)), z = v * v, root = sqrt(sqrt(a));
    const double right = tv_airy_ai_far_0_f64(v) * tv_airy_grown_f64(a, -1.0) / root;
    const double left = tv_airy_any_f64(a, tv_airy_p_f64(z), v * tv_airy_q_f64(z)) / root;
    const double p = ((x + 2.338107410459767) + 3.912260409818305e-17) * tv_airy_ai_0_f64(x);
    const double q = tv_airy_ai_1_f64(x), r = tv_airy_ai_2_f64(x);
    return x > 2 ? right : x < -4 ? (b > 1e6 ? 0.0 / 0.0 : left) : x < -2 ? p : x < 0 ? q : r;
}
/*@ airy_aip f64 */
static inline double tv_airy_aip_f64(double x)
{
    const double b = fabs(x), a = b > 1e6 ? 1e6 : b < 2 ? 2 : b, v = 1.5 / (a * sqrt(a)), z = v * v, root = sqrt(sqrt(a));
    const double right = tv_airy_aip_far_0_f64(v) * tv_airy_grown_f64(a, -1.0) * root;
    const double left = tv_airy_any_f64(a, v * tv_airy_r_f64(z), tv_airy_s_f64(z)) * root;
    const double p = ((x + 3.2481975821798366) - 2.435739819073974e-17) * tv_airy_aip_0_f64(x);
    const double q = ((x + 1.018792971647471) + 2.0609116444448518e-17) * tv_airy_aip_1_f64(x), r = tv_airy_aip_2_f64(x);
    return x > 2 ? right : x < -4 ? (b > 1e6 ? 0.0 / 0.0 : left) : x < -2 ? p : x < 0 ? q : r;
}
/*@ airy_bi f64 */
static inline double tv_airy_bi_f64(double x)
{
    const double b = fabs(x), a = b > 1e6 ? 1e6 : b < 2 ? 2 : b, v = 1.5 / (a * sqrt(a)), z = v * v, root = sqrt(sqrt(a));
    const double f = tv_airy_bi_far_0_f64(v), g = tv_airy_bi_far_1_f64(v);
    const double h = tv_airy_bi_far_2_f64(v), k = tv_airy_bi_far_3_f64(v);
    const double right = (v < 0.03125 ? f : v < 0.125 ? g : v < 0.25 ? h : k) * tv_airy_grown_f64(a, 1.0) / root;
    const double left = tv_airy_any_f64(a, v * tv_airy_q_f64(z), -tv_airy_p_f64(z)) / root;
    const double p = ((x + 3.271093302836353) - 1.961307626775628e-16) * tv_airy_bi_0_f64(x);
    const double q = ((x + 1.173713222709128) - 1.0961770450823225e-16) * tv_airy_bi_1_f64(x), r = tv_airy_bi_2_f64(x);
    return x > 2 ? right : x < -4 ? (b > 1e6 ? 0.0 / 0.0 : left) : x < -2 ? p : x < 0 ? q : r;
}
/*@ airy_bip f64 */
static inline double tv_airy_bip_f64(double x)
{
    const double b = fabs(x), a = b > 1e6 ? 1e6 : b < 2 ? 2 : b, v = 1.5 / (a * sqrt(a)), z = v * v, root = sqrt(sqrt(a));
    const double f = tv_airy_bip_far_0_f64(v), g = tv_airy_bip_far_1_f64(v);
    const double h = tv_airy_bip_far_2_f64(v), k = tv_airy_bip_far_3_f64(v);
    const double right = (v < 0.03125 ? f : v < 0.125 ? g : v < 0.25 ? h : k) * tv_airy_grown_f64(a, 1.0) * root;
    const double left = tv_airy_any_f64(a, tv_airy_s_f64(z), -v * tv_airy_r_f64(z)) * root;
    const double p = ((x + 2.294439682614123) + 1.2502681914203563e-16) * tv_airy_bip_0_f64(x);
    const double q = tv_airy_bip_1_f64(x), r = tv_airy_bip_2_f64(x);
    return x > 2 ? right : x < -4 ? (b > 1e6 ? 0.0 / 0.0 : left) : x < -2 ? p : x < 0 ? q : r;
}
