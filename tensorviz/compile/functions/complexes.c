/*@ complex c */
static inline $T tv_complex_$t($R re, $R im) { $T z; __real__ z = re; __imag__ z = im; return z; }
/*@ where c */
static inline $T tv_where_$t(int c, $T a, $T b)
{
    const $R ar = __real__ a, ai = __imag__ a, br = __real__ b, bi = __imag__ b;
    return tv_complex_$t(c ? ar : br, c ? ai : bi);
}
/*@ conjugate c */
static inline $T tv_conjugate_$t($T z) { return tv_complex_$t(__real__ z, -__imag__ z); }
/*@ mul c */
static inline $T tv_mul_$t($T a, $T b)
{
    return tv_complex_$t(__real__ a * __real__ b - __imag__ a * __imag__ b, __real__ a * __imag__ b + __imag__ a * __real__ b);
}
/*@ square c */
static inline $T tv_square_$t($T z) { return tv_mul_$t(z, z); }
/*@ div c */
/* Smith's method: by the larger part of b first. */
static inline $T tv_div_$t($T a, $T b)
{
    const $R ar = __real__ a, ai = __imag__ a, br = __real__ b, bi = __imag__ b;
    const $R size = fabs$f(br);
    const int wide = size >= fabs$f(bi), zero = (size == 0) & (bi == 0);
    const $R p = wide ? br : bi, q = wide ? bi : br, u = wide ? ar : ai, v = wide ? ai : ar;
    const $R ratio = q / p, scale = 1 / (p + q * ratio), cross = u * ratio;
    const $R re = (u + v * ratio) * scale, im = (wide ? v - cross : cross - v) * scale;
    const $R flat = v * ratio, narrow = (flat + u) * scale;
    return tv_complex_$t(zero ? ar / size : wide ? re : narrow, zero ? ai / size : im);
}
/*@ reciprocal c */
static inline $T tv_reciprocal_$t($T z)
{
    const $R re = __real__ z, im = __imag__ z;
    const int wide = fabs$f(im) <= fabs$f(re);
    const $R p = wide ? re : im, q = wide ? im : re, ratio = q / p, d = p + q * ratio;
    return tv_complex_$t(wide ? 1 / d : ratio / d, wide ? -ratio / d : -1 / d);
}
/*@ absolute c */
static inline $R tv_absolute_$t($T z) { return hypot$f(__real__ z, __imag__ z); }
/*@ sign c */
/* z / |z|: 0 at 0, along an axis where z is infinite; NaN if both parts are. */
static inline $T tv_sign_$t($T z)
{
    const $R re = __real__ z, im = __imag__ z, size = hypot$f(re, im), up = ($R)((im > 0) - (im < 0));
    const int far = size == $inf, tall = fabs$f(re) == $inf;
    const $R x = far ? (tall ? ($R)((re > 0) - (re < 0)) : 0) : size == 0 ? 0 : re / size;
    const $R y = far ? (tall ? 0 : up) : size == 0 ? 0 : im / size;
    const int lost = (tall & (fabs$f(im) == $inf)) | (size != size);
    return tv_complex_$t(lost ? $nan : x, lost ? $nan : y);
}
/*@ rint c */
static inline $T tv_rint_$t($T z) { return tv_complex_$t(rint$f(__real__ z), rint$f(__imag__ z)); }
/*@ isnan c */
static inline int tv_isnan_$t($T z) { return (__real__ z != __real__ z) | (__imag__ z != __imag__ z); }
/*@ isinf c */
static inline int tv_isinf_$t($T z) { return (fabs$f(__real__ z) == $inf) | (fabs$f(__imag__ z) == $inf); }
/*@ isfinite c */
static inline int tv_isfinite_$t($T z) { return (fabs$f(__real__ z) < $inf) & (fabs$f(__imag__ z) < $inf); }
/*@ less c */
/* By real parts, where these are equal by imaginary parts; false with a NaN that decides. */
static inline int tv_less_$t($T a, $T b)
{
    const $R ai = __imag__ a, bi = __imag__ b;
    return ((__real__ a < __real__ b) & (ai == ai) & (bi == bi)) | ((__real__ a == __real__ b) & (ai < bi));
}
/*@ less_equal c */
static inline int tv_less_equal_$t($T a, $T b)
{
    const $R ai = __imag__ a, bi = __imag__ b;
    return ((__real__ a < __real__ b) & (ai == ai) & (bi == bi)) | ((__real__ a == __real__ b) & (ai <= bi));
}
/*@ larger c */
static inline $T tv_larger_$t($T a, $T b) { return tv_where_$t(tv_isnan_$t(a) | tv_less_equal_$t(b, a), a, b); }
/*@ smaller c */
static inline $T tv_smaller_$t($T a, $T b) { return tv_where_$t(tv_isnan_$t(a) | tv_less_equal_$t(a, b), a, b); }
/*@ exp c */
/* exp(x) (cos(y) + i sin(y)), by exp(x / 2) twice, as exp(x) alone may overflow. What is special (C's Annex G) is chosen before the
   functions are called, and never a constant: compilers make branches of that, which have no vectors. */
static inline $T tv_exp_$t($T z)
{
    const $R x = __real__ z, y = __imag__ z, root = exp$f(x / 2);
    const int flat = y == 0, lost = y - y != 0, low = x == -$inf, high = x == $inf;
    const $R c = cos$f(lost & (low | high) ? ($R)flat : y), s = sin$f(lost & low ? ($R)flat : y), size = flat ? 1 : root;
    return tv_complex_$t(root * c * root, size * s * size);
}
/*@ exp2 c */
static inline $T tv_exp2_$t($T z)
{
    const $R log_2 = ($R)0.693147180559945309;
    return tv_exp_$t(tv_complex_$t(__real__ z * log_2, __imag__ z * log_2));
}
/*@ expm1 c */
static inline $T tv_expm1_$t($T z)
{
    const $R x = __real__ z, y = __imag__ z, half = sin$f(y / 2);
    return tv_complex_$t(expm1$f(x) * cos$f(y + 0) - 2 * half * half, exp$f(x) * sin$f(y));
}
/*@ log c */
static inline $T tv_log_$t($T z) { return clog$f(z); }
/*@ log2 c */
static inline $T tv_log2_$t($T z)
{
    const $T w = clog$f(z);
    return tv_complex_$t(__real__ w * ($R)1.442695040888963407, __imag__ w * ($R)1.442695040888963407);
}
/*@ log10 c */
static inline $T tv_log10_$t($T z)
{
    const $T w = clog$f(z);
    return tv_complex_$t(__real__ w * ($R)0.434294481903251828, __imag__ w * ($R)0.434294481903251828);
}
/*@ log1p c */
/* log|1 + z| = log1p(|1 + z|**2 - 1) / 2 where |1 + z| is near 1. */
static inline $T tv_log1p_$t($T z)
{
    const $R x = __real__ z, y = __imag__ z, more = x * (2 + x) + y * y;
    const $R near = log1p$f(more) / 2, away = log$f(hypot$f(x + 1, y));
    return tv_complex_$t(fabs$f(more) < ($R)0.5 ? near : away, atan2$f(y, x + 1));
}
/*@ cpow c */
/* a to the power b: by products where b is a small whole number, else exp(b log(a)). */
static inline $T tv_cpow_$t($T a, $T b)
{
    const $R br = __real__ b, bi = __imag__ b;
    if (b == 0) return tv_complex_$t(1, 0);
    if (a == 0) return br > 0 ? tv_complex_$t(0, 0) : tv_complex_$t($nan, $nan);
    if (bi == 0 && br > -100 && br < 100 && br == (int)br) {
        if (br == 1) return a;
        if (br == 2) return tv_mul_$t(a, a);
        if (br == 3) return tv_mul_$t(a, tv_mul_$t(a, a));
        $T power = tv_complex_$t(1, 0);
        for (int n = br < 0 ? -(int)br : (int)br; n; n >>= 1, a = tv_mul_$t(a, a)) if (n & 1) power = tv_mul_$t(power, a);
        return br < 0 ? tv_div_$t(tv_complex_$t(1, 0), power) : power;
    }
    return cpow$f(a, b);
}
