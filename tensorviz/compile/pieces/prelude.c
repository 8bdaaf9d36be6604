/*@ types */
#include <stddef.h>
typedef int64_t i64;
typedef uint64_t u64;
typedef uint16_t tv_half;               /* the bits of a float16 */
/*@ status */
enum { TV_DIFFER = 2, TV_INPUT = 3, TV_EMPTY = 4, TV_BOUNDS = 5, TV_SIZE = 6, TV_SHAPE = 7, TV_LAYOUT = 8, TV_MEMORY = 9 };
/* Kernels are compiled apart from the calls to them. */
#define TV_KERNEL static __attribute__((noinline))
/* The entry only calls: hard work on it takes the compiler ten times as long as the kernels do. */
#if defined(__GNUC__) && !defined(__clang__)
#define TV_ENTRY __attribute__((optimize("O1")))
#define TV_LONG_ENTRY __attribute__((optimize("O0")))
#else
#define TV_ENTRY
#define TV_LONG_ENTRY
#endif
/*@ fail */
/* Note what went wrong and where, for the error that Python raises. */
static int tv_fail(tv_call *call, int status, i64 site, i64 a, i64 b, i64 c)
{
    call->error[0] = site; call->error[1] = a; call->error[2] = b; call->error[3] = c;
    return status;
}
/*@ dense */
/* Whether an array is contiguous in C order. */
static int tv_dense(const tv_array *x, int ndim, i64 itemsize)
{
    i64 step = itemsize;
    for (int k = ndim - 1; k >= 0; k--) {
        if (x->shape[k] == 0) return 1;
        if (x->shape[k] != 1 && x->strides[k] != step) return 0;
        step *= x->shape[k];
    }
    return 1;
}
/*@ round */
/* Bytes of n items, rounded up to whole cache lines; added to *total, -1 in *total if that overflows. */
static i64 tv_take_bytes(i64 *total, i64 n, i64 itemsize)
{
    i64 bytes, at = *total;
    if (at < 0 || n < 0 || __builtin_mul_overflow(n, itemsize, &bytes) || bytes > INT64_MAX / 2 ||
        __builtin_add_overflow(at, (bytes + 63) & ~(i64)63, total)) { *total = -1; return 0; }
    return at;
}
/*@ times */
struct tv_time { long seconds, nanoseconds; };
extern int clock_gettime(int, struct tv_time *);
static double tv_now(void)
{
    struct tv_time t;
#ifdef __APPLE__
    clock_gettime(6, &t);
#else
    clock_gettime(1, &t);       /* monotonic */
#endif
    return (double)t.seconds + 1e-9 * (double)t.nanoseconds;
}
/* Run a step of the schedule; when profiling add its seconds to times[k]. */
#define TV_STEP(k, ...) do { \
        const double t0 = call->times ? tv_now() : 0; \
        __VA_ARGS__; \
        if (call->times) call->times[k] += tv_now() - t0; \
    } while (0)
/*@ poll */
enum { TV_PATIENCE = 1 << 19 };
/* In a kernel that runs in one go: after some hundred thousand elements ask whether to stop (Ctrl-C). */
#define TV_POLL(elements) \
    if ((patience -= (elements)) < 0) { patience = TV_PATIENCE; if (call->poll(call)) return; }
/*@ rows */
/* Run a kernel over `rows` rows of `row` elements: in parts, so that Ctrl-C gets through, and by several threads if it pays. */
#define TV_ROWS(rows, row, ...) do { \
        const i64 all = (rows), each = (row) > 0 ? (row) : 1; \
        if (call->threads > 1 && all > 1 && all * each >= 32768) { \
            i64 part = (all + call->threads - 1) / call->threads; \
            const i64 most = (i64)1 << 22; \
            part = part * each > most ? (most / each > 0 ? most / each : 1) : part; \
            part = part > 64 ? (part + 63) / 64 * 64 : part; \
            for (i64 from = 0, round = part * call->threads; from < all; from += round) { \
                const i64 to = all - from > round ? from + round : all; \
                _Pragma("omp parallel for num_threads(call->threads) schedule(static, 1)") \
                for (i64 lo = from; lo < to; lo += part) { const i64 hi = to - lo > part ? lo + part : to; __VA_ARGS__; } \
                if (all * each > most && call->poll(call)) return TV_STOPPED; \
            } \
        } else if (all * each <= (i64)1 << 21) { \
            const i64 lo = 0, hi = all; __VA_ARGS__; \
        } else { \
            const i64 most = (i64)1 << 20, part = most / each > 0 ? most / each : 1; \
            for (i64 lo = 0; lo < all; lo += part) { \
                const i64 hi = all - lo > part ? lo + part : all; __VA_ARGS__; \
                if (call->poll(call)) return TV_STOPPED; \
            } \
        } \
    } while (0)
/*@ list */
#define TV_LIST(...) (const i64[]){__VA_ARGS__}
/*@ shape_fits */
/* Whether lengths are such as an array may have: none below 0 or beyond all memory, nor all of them together. */
static int tv_shape_fits(const i64 *shape, int ndim)
{
    i64 items = 1, empty = 0;
    for (int k = 0; k < ndim; k++) {
        if (shape[k] < 0 || shape[k] > (i64)1 << 56) return 0;
        if (shape[k] == 0) empty = 1;
        else if (__builtin_mul_overflow(items, shape[k], &items)) items = INT64_MAX;
    }
    return empty || items < (i64)1 << 59;       /* in bytes too this is a number */
}
/*@ place */
/* An index counted from the front of an axis of length n; -1 if it is out of bounds. */
static inline i64 tv_place(i64 i, i64 n)
{
    i += i < 0 ? n : 0;
    return i >= 0 && i < n ? i : -1;
}
/*@ first */
/* Where a slice of an axis of length n begins. */
static inline i64 tv_first(i64 start, i64 n, i64 step)
{
    start += start < 0 ? n : 0;
    if (step > 0) return start < 0 ? 0 : start > n ? n : start;
    return start < -1 ? -1 : start > n - 1 ? n - 1 : start;
}
/*@ pack */
/* Copy a strided array (strides in elements) to another; both have these lengths. */
static void tv_copy(char *to, const i64 *to_strides, const char *from, const i64 *from_strides, const i64 *shape, int ndim, i64 itemsize)
{
    i64 at[32] = {0}, n = ndim ? shape[ndim - 1] : 1;
    const i64 ts = ndim ? to_strides[ndim - 1] * itemsize : 0, fs = ndim ? from_strides[ndim - 1] * itemsize : 0;
    for (int k = 0; k < ndim; k++) if (shape[k] == 0) return;
    for (;;) {
        if (ts == itemsize && fs == itemsize) __builtin_memcpy(to, from, n * itemsize);
        else if (itemsize == 4) for (i64 i = 0; i < n; i++) *(uint32_t *)(to + i * ts) = *(const uint32_t *)(from + i * fs);
        else if (itemsize == 8) for (i64 i = 0; i < n; i++) *(uint64_t *)(to + i * ts) = *(const uint64_t *)(from + i * fs);
        else if (itemsize == 1) for (i64 i = 0; i < n; i++) to[i * ts] = from[i * fs];
        else if (itemsize == 16) for (i64 i = 0; i < n; i++) __builtin_memcpy(to + i * ts, from + i * fs, 16);
        else for (i64 i = 0; i < n; i++) *(uint16_t *)(to + i * ts) = *(const uint16_t *)(from + i * fs);
        int k = ndim - 2;
        for (; k >= 0; k--) {
            to += to_strides[k] * itemsize; from += from_strides[k] * itemsize;
            if (++at[k] < shape[k]) break;
            to -= shape[k] * to_strides[k] * itemsize; from -= shape[k] * from_strides[k] * itemsize; at[k] = 0;
        }
        if (k < 0) return;
    }
}
/*@ blas_threads */
/* Lets BLAS use the threads of the call for m n k multiplications; one where they are few: waking another takes as long, and where
   the processors are busy many times as long, as BLAS waits for it without sleeping. */
static inline void tv_blas_threads(tv_call *call, void *const set, i64 m, i64 n, i64 k)
{
    if (set) ((void (*)(int))set)((double)m * n * k < 2500000 ? 1 : (int)call->threads);
}
/*@ gemm */
extern void *malloc(size_t);
extern void free(void *);
/* c = alpha a b + beta c for row-major c (m, n); a (m, k) and b (k, n) have any strides, given in elements. */
#define TV_GEMM(NAME, T, PREFIX) \
typedef void NAME##_gemm_fn(const char *, const char *, const int *, const int *, const int *, const T *, const T *, const int *, \
                            const T *, const int *, const T *, T *, const int *); \
typedef void NAME##_gemv_fn(const char *, const int *, const int *, const T *, const T *, const int *, const T *, const int *, \
                            const T *, T *, const int *); \
static const T *NAME##_unit(const T *x, i64 n0, i64 n1, i64 *s0, i64 *s1, T **owned) \
{ \
    if (n0 <= 1 && (n1 <= 1 || *s1 == 1)) { *s0 = n1 > 0 ? n1 : 1; *s1 = 1; return x; } \
    if (n1 <= 1 && *s0 >= 1) { *s1 = 1; return x; } \
    if (n0 <= 1 && *s1 > 1) { *s0 = 1; return x; } \
    if (*s1 == 1 && *s0 >= n1) return x; \
    if (*s0 == 1 && *s1 >= n0 && *s1 > 1) return x; \
    T *y = *owned = malloc((size_t)(n0 * n1 > 0 ? n0 * n1 : 1) * sizeof(T)); \
    if (!y) return 0; \
    for (i64 i = 0; i < n0; i++) for (i64 j = 0; j < n1; j++) y[i * n1 + j] = x[i * *s0 + j * *s1]; \
    *s0 = n1 > 0 ? n1 : 1; *s1 = 1; \
    return y; \
} \
static int NAME(void *const gemm, void *const gemv, i64 m, i64 n, i64 k, T alpha, const T *a, i64 as0, i64 as1, const T *b, i64 bs0, i64 bs1, T beta, T *c) \
{ \
    T *own_a = 0, *own_b = 0; \
    if (m == 0 || n == 0) return 0; \
    if ((m | n | k) > 2147483647) return 1; \
    if (k == 0) { for (i64 i = 0; i < m * n; i++) c[i] = (beta == 0 ? 0 : beta * c[i]) + alpha * 0; return 0; } \
    a = NAME##_unit(a, m, k, &as0, &as1, &own_a); \
    b = a ? NAME##_unit(b, k, n, &bs0, &bs1, &own_b) : 0; \
    if (!a || !b) { free(own_a); return 2; } \
    const int ta = !(as1 == 1), tb = !(bs1 == 1), one = 1, im = (int)m, in = (int)n, ik = (int)k; \
    const int lda = (int)(ta ? as1 : as0), ldb = (int)(tb ? bs1 : bs0), ldc = (int)n; \
    if (n == 1) { \
        const int incb = (int)bs0, rows = ta ? im : ik, cols = ta ? ik : im; \
        ((NAME##_gemv_fn *)gemv)(ta ? "N" : "T", &rows, &cols, &alpha, a, &lda, b, &incb, &beta, c, &one); \
    } else if (m == 1) { \
        const int inca = (int)as1, rows = tb ? ik : in, cols = tb ? in : ik; \
        ((NAME##_gemv_fn *)gemv)(tb ? "T" : "N", &rows, &cols, &alpha, b, &ldb, a, &inca, &beta, c, &one); \
    } else { \
        ((NAME##_gemm_fn *)gemm)(tb ? "T" : "N", ta ? "T" : "N", &in, &im, &ik, &alpha, b, &ldb, a, &lda, &beta, c, &ldc); \
    } \
    free(own_a); free(own_b); \
    return 0; \
} \
/* The same where a factor may be 0: BLAS does not read what it would multiply by 0, NaN and infinities among it. */ \
static int NAME##_scaled(void *const gemm, void *const gemv, i64 m, i64 n, i64 k, T alpha, const T *a, i64 as0, i64 as1, \
                         const T *b, i64 bs0, i64 bs1, T beta, T *c) \
{ \
    if (beta == 0) { for (i64 i = 0; i < m * n; i++) c[i] *= beta; beta = 1; } \
    if (alpha != 0) return NAME(gemm, gemv, m, n, k, alpha, a, as0, as1, b, bs0, bs1, beta, c); \
    T *made = malloc((size_t)(m * n > 0 ? m * n : 1) * sizeof(T)); \
    const int failed = made ? NAME(gemm, gemv, m, n, k, 1, a, as0, as1, b, bs0, bs1, 0, made) : 2; \
    if (!failed) for (i64 i = 0; i < m * n; i++) c[i] = beta * c[i] + alpha * made[i]; \
    free(made); \
    return failed; \
}
/*@ gemm_f32 */
TV_GEMM(tv_gemm_f32, float, s)
/*@ gemm_f64 */
TV_GEMM(tv_gemm_f64, double, d)
/*@ gemm_c64 */
TV_GEMM(tv_gemm_c64, float _Complex, c)
/*@ gemm_c128 */
TV_GEMM(tv_gemm_c128, double _Complex, z)
