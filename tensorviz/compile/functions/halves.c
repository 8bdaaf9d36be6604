/*@ half_value plain */
/* The number that the bits of a float16 stand for. */
static inline float tv_half_value(tv_half bits)
{
    const unsigned int moved = (unsigned int)((int)(short)bits << 13) & 0x8fffe000u;    /* a float, but for its exponent */
    union { unsigned int bits; float value; } x = {moved};
    x.value *= 0x1p112f;
    x.bits |= (moved & 0x0fffffffu) >= 0x0f800000u ? 0x7f800000u : 0;                   /* infinity, NaN */
    return x.value;
}
/*@ half_bits plain */
/* The bits of a float16 of a float that is one exactly (or NaN). */
static inline tv_half tv_half_bits(float x)
{
    union { float value; unsigned int bits; } scaled = {x * 0x1p-112f};
    return (tv_half)((scaled.bits >> 13 & 0x7fff) | (scaled.bits >> 16 & 0x8000));
}
/*@ half f32 */
/* x rounded to a float16: adding and taking away a number whose last place is that of the result rounds to it, half to even. */
static inline float tv_half_f32(float x)
{
    union { float value; unsigned int bits; } given = {x}, large, near;
    int exponent = (int)(given.bits & 0x7f800000u);
    exponent = exponent < 113 << 23 ? 113 << 23 : exponent;         /* subnormal: one last place for all */
    exponent = exponent > 144 << 23 ? 144 << 23 : exponent;
    large.bits = (unsigned int)exponent + (13 << 23 | 1 << 22);
    near.value = (x + large.value) - large.value;
    near.value = near.value * 0x1p112f * 0x1p-112f;                 /* beyond 65504 infinite */
    near.bits |= given.bits & 0x80000000u;                          /* also of zeros */
    return near.value;
}
/*@ half f64 */
/* x rounded to a float16, once. */
static inline float tv_half_f64(double x)
{
    union { double value; u64 bits; } given = {x}, large, near;
    i64 exponent = (i64)(given.bits & 0x7ff0000000000000u);
    exponent = exponent < (i64)1009 << 52 ? (i64)1009 << 52 : exponent;
    exponent = exponent > (i64)1040 << 52 ? (i64)1040 << 52 : exponent;
    large.bits = (u64)exponent + ((u64)42 << 52 | (u64)1 << 51);
    near.value = (x + large.value) - large.value;
    near.bits |= given.bits & 0x8000000000000000u;
    return (float)near.value * 0x1p112f * 0x1p-112f;
}
/*@ halves_read plain */
/* n float16 as floats: many by one instruction where the processor has it. */
TV_KERNEL void tv_halves_read(float *to, const tv_half *from, i64 n)
{
    i64 i = 0;
#if defined(__AVX512F__)
    typedef short halves __attribute__((vector_size(32)));
    typedef float floats __attribute__((vector_size(64)));
    for (; i + 16 <= n; i += 16) {
        halves x;
        __builtin_memcpy(&x, from + i, sizeof(x));
        const floats y = __builtin_ia32_vcvtph2ps512_mask(x, (floats){0}, -1, 4);
        __builtin_memcpy(to + i, &y, sizeof(y));
    }
#elif defined(__F16C__)
    typedef short halves __attribute__((vector_size(16)));
    typedef float floats __attribute__((vector_size(32)));
    for (; i + 8 <= n; i += 8) {
        halves x;
        __builtin_memcpy(&x, from + i, sizeof(x));
        const floats y = __builtin_ia32_vcvtph2ps256(x);
        __builtin_memcpy(to + i, &y, sizeof(y));
    }
#endif
    for (; i < n; i++) to[i] = tv_half_value(from[i]);
}
/*@ halves_write plain */
/* n floats rounded to float16, to even; those that are float16 already stay. */
TV_KERNEL void tv_halves_write(tv_half *to, const float *from, i64 n)
{
    i64 i = 0;
#if defined(__AVX512F__)
    typedef short halves __attribute__((vector_size(32)));
    typedef float floats __attribute__((vector_size(64)));
    for (; i + 16 <= n; i += 16) {
        floats x;
        __builtin_memcpy(&x, from + i, sizeof(x));
        const halves y = __builtin_ia32_vcvtps2ph512_mask(x, 0, (halves){0}, -1);
        __builtin_memcpy(to + i, &y, sizeof(y));
    }
#elif defined(__F16C__)
    typedef short halves __attribute__((vector_size(16)));
    typedef float floats __attribute__((vector_size(32)));
    for (; i + 8 <= n; i += 8) {
        floats x;
        __builtin_memcpy(&x, from + i, sizeof(x));
        const halves y = __builtin_ia32_vcvtps2ph256(x, 0);
        __builtin_memcpy(to + i, &y, sizeof(y));
    }
#endif
    for (; i < n; i++) to[i] = tv_half_bits(tv_half_f32(from[i]));
}
/*@ exp_half plain */
#ifdef __FMA__
#define TV_FMA(a, b, c) __builtin_fmaf(a, b, c)
#else
#define TV_FMA(a, b, c) ((a) * (b) + (c))
#endif
/* exp of a float16: 2**t by its whole part and a polynomial of degree 5 for the rest (relative error below 2**-21). */
static inline float tv_exp_half(float x)
{
    float t = x * 1.44269504f;
    t = 17.0f < t ? 17.0f : t;
    t = -26.0f > t ? -26.0f : t;
    union { float value; unsigned int bits; } whole = {t + 0x1.8p23f}, power;
    const float r = t - (whole.value - 0x1.8p23f);
    power.value = TV_FMA(TV_FMA(0.00133952f, r, 0.00961829f), r, 0.05550327f);
    power.value = TV_FMA(TV_FMA(TV_FMA(power.value, r, 0.24022651f), r, 0.69314718f), r, 1);
    power.bits += whole.bits << 23;
    return power.value;
}
/*@ next_half plain */
/* The next float16 after x on the way to y; x if they are equal, zeros too. */
static inline float tv_next_half(float x, float y)
{
    if (x != x || y != y) return x + y;
    if (x == y) return x;
    if (x == 0) return y < 0 ? -0x1p-24f : 0x1p-24f;
    return tv_half_value((tv_half)(tv_half_bits(x) + ((x < y) == (x > 0) ? 1 : -1)));
}
/*@ spacing_half plain */
/* The distance from a float16 to the next one above it, as NumPy has it. */
static inline float tv_spacing_half(float x)
{
    const int bits = tv_half_bits(x), power = (bits >> 10 & 31) - ((bits & 0x8000) && !(bits & 0x3ff));
    if ((bits & 0x7fff) >= 0x7c00) return __builtin_nanf("");
    if (bits == 0x7bff) return __builtin_inff();
    return tv_half_value((tv_half)(power > 10 ? (power - 10) << 10 : power > 1 ? 1 << (power - 1) : 1));
}
/*@ add f16 */
/* Add one strided array of float16 to another; strides are in elements. */
static void tv_add_f16(tv_half *to, const i64 *to_strides, const tv_half *from, const i64 *from_strides, const i64 *shape, int ndim)
{
    i64 at[32] = {0};
    const i64 n = ndim ? shape[ndim - 1] : 1, ts = ndim ? to_strides[ndim - 1] : 0, fs = ndim ? from_strides[ndim - 1] : 0;
    for (int k = 0; k < ndim; k++) if (shape[k] == 0) return;
    for (;;) {
        for (i64 i = 0; i < n; i++)
            to[i * ts] = tv_half_bits(tv_half_f32(tv_half_value(to[i * ts]) + tv_half_value(from[i * fs])));
        int k = ndim - 2;
        for (; k >= 0; k--) {
            to += to_strides[k]; from += from_strides[k];
            if (++at[k] < shape[k]) break;
            to -= shape[k] * to_strides[k]; from -= shape[k] * from_strides[k]; at[k] = 0;
        }
        if (k < 0) return;
    }
}
/*@ half_products plain */
/* c = a b, or alpha a b + beta c if `scaled`, of float16: in float, as NumPy adds up products of float16; each result is rounded, then scaled and added. */
static int tv_half_products(void *const gemm, void *const gemv, i64 m, i64 n, i64 k, float alpha, const tv_half *a, i64 as0, i64 as1,
                            const tv_half *b, i64 bs0, i64 bs1, float beta, tv_half *c, int scaled)
{
    float *const wide_a = malloc((size_t)(m * k + k * n + m * n + 1) * sizeof(float)), *const wide_b = wide_a + m * k;
    float *const wide_c = wide_b + k * n;
    if (!wide_a) return 2;
    for (i64 i = 0; i < m; i++) for (i64 j = 0; j < k; j++) wide_a[i * k + j] = tv_half_value(a[i * as0 + j * as1]);
    for (i64 i = 0; i < k; i++) for (i64 j = 0; j < n; j++) wide_b[i * n + j] = tv_half_value(b[i * bs0 + j * bs1]);
    const int status = tv_gemm_f32(gemm, gemv, m, n, k, 1, wide_a, k, 1, wide_b, n, 1, 0, wide_c);
    for (i64 i = 0; i < (status ? 0 : m * n); i++) {
        float x = tv_half_f32(wide_c[i]);
        if (scaled) x = tv_half_f32(tv_half_f32(alpha * x) + tv_half_f32(beta * tv_half_value(c[i])));
        c[i] = tv_half_bits(x);
    }
    free(wide_a);
    return status;
}
/*@ half_matmul plain */
#define tv_half_matmul(...) tv_half_products(__VA_ARGS__, 0)
/*@ half_gemm plain */
#define tv_half_gemm(...) tv_half_products(__VA_ARGS__, 1)
