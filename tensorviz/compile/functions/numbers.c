/*@ mod f */
static inline $T tv_mod_$t($T a, $T b)
{
    $T r = fmod$f(a, b);
    return r == 0 ? copysign$f(($T)0, b) : (b < 0) != (r < 0) ? r + b : r;
}
/*@ mod i */
static inline $T tv_mod_$t($T a, $T b)
{
    if (b == 0 || b == -1) return 0;
    $T r = a % b;
    return ((r != 0) & ((r < 0) != (b < 0))) ? r + b : r;
}
/*@ mod u */
static inline $T tv_mod_$t($T a, $T b) { return b == 0 ? 0 : a % b; }
/*@ floordiv f */
static inline $T tv_floordiv_$t($T a, $T b)
{
    if (b == 0) return a / b;
    $T r = fmod$f(a, b), q = (a - r) / b;
    if (r != 0 && (b < 0) != (r < 0)) q -= 1;
    if (q == 0) return copysign$f(($T)0, a / b);
    $T w = floor$f(q);
    return q - w > ($T)0.5 ? w + 1 : w;
}
/*@ floordiv i */
static inline $T tv_floordiv_$t($T a, $T b)
{
    if (b == 0) return 0;
    if (b == -1) return ($T)(0 - ($U)a);
    return a / b - ((a % b != 0) & ((a < 0) != (b < 0)));
}
/*@ floordiv u */
static inline $T tv_floordiv_$t($T a, $T b) { return b == 0 ? 0 : a / b; }
/*@ rem i */
static inline $T tv_rem_$t($T a, $T b) { return b == 0 || b == -1 ? 0 : a % b; }
/*@ rem u */
static inline $T tv_rem_$t($T a, $T b) { return b == 0 ? 0 : a % b; }
/*@ shl i */
static inline $T tv_shl_$t($T a, $T b) { return (($U)b < $n) ? ($T)(($U)a << b) : 0; }
/*@ shl u */
static inline $T tv_shl_$t($T a, $T b) { return b < $n ? ($T)(a << b) : 0; }
/*@ shr i */
static inline $T tv_shr_$t($T a, $T b) { return (($U)b < $n) ? a >> b : a < 0 ? -1 : 0; }
/*@ shr u */
static inline $T tv_shr_$t($T a, $T b) { return b < $n ? a >> b : 0; }
/*@ recip i */
/* 1 / x towards 0; of 0 what NumPy makes of infinity. */
static inline $T tv_recip_$t($T x)
{
    return (x == 0) & ($n >= 32) ? ($T)(($U)1 << ($n - 1)) : ($T)((x == 1) - (x == -1));
}
/*@ ipow */
static inline $T tv_ipow_$t($T a, $T b) { $T r = 1; while (b > 0) { if (b & 1) r *= a; a *= a; b >>= 1; } return r; }
/*@ gcd */
static inline $T tv_gcd_$t($T x, $T y)
{
    $U a = x < 0 ? ($U)(0 - ($U)x) : ($U)x, b = y < 0 ? ($U)(0 - ($U)y) : ($U)y;
    while (b) { const $U r = a % b; a = b; b = r; }
    return ($T)a;
}
/*@ lcm */
static inline $T tv_lcm_$t($T x, $T y)
{
    const $U g = ($U)tv_gcd_$t(x, y), a = x < 0 ? ($U)(0 - ($U)x) : ($U)x, b = y < 0 ? ($U)(0 - ($U)y) : ($U)y;
    return g == 0 ? 0 : ($T)(a / g * b);
}
/*@ spacing f */
static inline $T tv_spacing_$t($T x)
{
    const $T a = fabs$f(x), gap = nextafter$f(a, 2 * a + 1) - a;
    return x < 0 ? -gap : gap;
}
/*@ ldexp f */
static inline $T tv_ldexp_$t($T x, long n) { return ldexp$f(x, n > 10000 ? 10000 : n < -10000 ? -10000 : (int)n); }
/*@ mantissa f */
static inline $T tv_mantissa_$t($T x) { int e = 0; return frexp$f(x, &e); }
/*@ exponent f */
static inline int tv_exponent_$t($T x) { int e = 0; (void)frexp$f(x, &e); return x - x == 0 ? e : 0; }
/*@ popcount */
static inline int tv_popcount_$t($T x)
{
    $U rest = x < 0 ? ($U)(0 - ($U)x) : ($U)x;
    int count = 0;
    for (; rest; rest &= ($U)(rest - 1)) count++;
    return count;
}
