/*@ zeros f */
/* Put the zeros of a sorted row into the order they had in x: keys know only one zero. */
static void tv_zeros_$t($T *y, i64 tn, const $T *x, i64 fn, i64 n)
{
    i64 at = 0;
    while (y[at * tn] != 0) at++;
    for (i64 i = 0; i < n; i++) if (x[i * fn] == 0) { y[at * tn] = x[i * fn]; at++; }
}
/*@ zeros f16 */
static void tv_zeros_$t($T *y, i64 tn, const $T *x, i64 fn, i64 n)
{
    i64 at = 0;
    while (y[at * tn] & 0x7fff) at++;
    for (i64 i = 0; i < n; i++) if (!(x[i * fn] & 0x7fff)) { y[at * tn] = x[i * fn]; at++; }
}
/*@ zeros */
static void tv_zeros_$t($T *y, i64 tn, const $T *x, i64 fn, i64 n) { (void)y; (void)tn; (void)x; (void)fn; (void)n; }
/*@ minus f */
static inline int tv_minus_$t($T x)
{
    const union { $T value; uint$n_t bits; } v = {x};
    return v.bits == (uint$n_t)1 << ($n - 1);
}
/*@ minus f16 */
static inline int tv_minus_$t($T x) { return x == 0x8000; }
/*@ minus */
static inline int tv_minus_$t($T x) { (void)x; return 0; }
/*@ sort */
/* Rows lo to hi along the last axis sorted, NaN last (first if descending); equal numbers stay in order. */
TV_KERNEL int tv_sort_$t($T *to, const i64 *ts, const $T *from, const i64 *fs, const i64 *shape, int ndim, int descending,
                         i64 lo, i64 hi, tv_call *call)
{
    const i64 n = shape[ndim - 1], tn = ts[ndim - 1], fn = fs[ndim - 1];
    const uint$n_t flip = descending ? (uint$n_t)~(uint$n_t)0 : 0;
    uint$n_t *const room = malloc((size_t)(n > 0 ? n : 1) * 2 * sizeof(*room));
    if (!room) return TV_MEMORY;
    for (i64 row = lo; row < hi && n > 0; row++) {
        $T *y = to + tv_row_start(row, ts, shape, ndim - 1);
        const $T *x = from + tv_row_start(row, fs, shape, ndim - 1);
        i64 minus = 0;
        if (fn == 1) for (i64 i = 0; i < n; i++) { room[i] = tv_key_$t(x[i]) ^ flip; minus += tv_minus_$t(x[i]); }
        else for (i64 i = 0; i < n; i++) { room[i] = tv_key_$t(x[i * fn]) ^ flip; minus += tv_minus_$t(x[i * fn]); }
        const uint$n_t *const keys = tv_order_u$n(room, room + n, n, 0, $n, call);
        if (!keys) { free(room); return 1; }
        for (i64 i = 0; i < n; i++) y[i * tn] = tv_number_$t(keys[i] ^ flip);
        if (minus) tv_zeros_$t(y, tn, x, fn, n);
    }
    free(room);
    return 0;
}
/*@ argsort */
/* Where the elements of sorted rows come from: rows lo to hi along the last axis; equal ones stay in order. Keys of 32 bits and less
   are sorted together with their places, as one number. */
TV_KERNEL int tv_argsort_$t(i64 *to, const i64 *ts, const $T *from, const i64 *fs, const i64 *shape, int ndim, int descending,
                            i64 lo, i64 hi, tv_call *call)
{
    const i64 n = shape[ndim - 1], tn = ts[ndim - 1], fn = fs[ndim - 1];
    const uint$n_t flip = descending ? (uint$n_t)~(uint$n_t)0 : 0;
    const int joined = $n <= 32 && n <= UINT32_MAX;
    tv_pair *const room = malloc((size_t)(n > 0 ? n : 1) * (joined ? 1 : 2) * sizeof(*room));
    if (!room) return TV_MEMORY;
    for (i64 row = lo; row < hi && n > 0; row++) {
        i64 *y = to + tv_row_start(row, ts, shape, ndim - 1);
        const $T *x = from + tv_row_start(row, fs, shape, ndim - 1);
        if (joined) {
            u64 *both = (u64 *)room;
            for (i64 i = 0; i < n; i++) both[i] = (u64)(uint$n_t)(tv_key_$t(x[i * fn]) ^ flip) << 32 | (u64)i;
            both = tv_order_u64(both, both + n, n, 32, 32 + ($n <= 32 ? $n : 32), call);
            if (!both) { free(room); return 1; }
            for (i64 i = 0; i < n; i++) y[i * tn] = (i64)(both[i] & UINT32_MAX);
        } else {
            for (i64 i = 0; i < n; i++) room[i] = (tv_pair){(uint$n_t)(tv_key_$t(x[i * fn]) ^ flip), i};
            const tv_pair *const pairs = tv_pairs_order(room, room + n, n, call);
            if (!pairs) { free(room); return 1; }
            for (i64 i = 0; i < n; i++) y[i * tn] = pairs[i].at;
        }
    }
    free(room);
    return 0;
}
/*@ places c */
/* Where n complex numbers come from in order: by real part, then by imaginary part, by passes that keep the order of equal ones.
   Those with one part NaN stand after the others, imaginary parts first. Returns where the places are, a or b; 0 if stopped. */
TV_KERNEL tv_pair *tv_places_$t(const $T *x, i64 step, i64 n, int descending, tv_pair *a, tv_pair *b, tv_call *call)
{
    const u64 flip = descending ? ~(u64)0 : 0;
    i64 at = 0;
    for (i64 i = 0; i < n; i++) a[i] = (tv_pair){tv_key_f64(__imag__ x[i * step]) ^ flip, i};
    tv_pair *p = tv_pairs_order(a, b, n, call);
    if (!p) return 0;
    for (i64 i = 0; i < n; i++) p[i].key = tv_key_f64(__real__ x[p[i].at * step]) ^ flip;
    p = tv_pairs_order(p, p == a ? b : a, n, call);
    if (!p) return 0;
    tv_pair *const to = p == a ? b : a;
    for (int k = 0; k < 3; k++) {
        const int kind = descending ? 2 - k : k;
        for (i64 i = 0; i < n; i++) {
            const $R re = __real__ x[p[i].at * step], im = __imag__ x[p[i].at * step];
            if ((re != re ? 2 : im != im) == kind) to[at++] = p[i];
        }
    }
    return to;
}
/*@ sort c */
TV_KERNEL int tv_sort_$t($T *to, const i64 *ts, const $T *from, const i64 *fs, const i64 *shape, int ndim, int descending,
                         i64 lo, i64 hi, tv_call *call)
{
    const i64 n = shape[ndim - 1], tn = ts[ndim - 1], fn = fs[ndim - 1];
    tv_pair *const room = malloc((size_t)(n > 0 ? n : 1) * 2 * sizeof(*room));
    if (!room) return TV_MEMORY;
    for (i64 row = lo; row < hi && n > 0; row++) {
        $T *y = to + tv_row_start(row, ts, shape, ndim - 1);
        const $T *x = from + tv_row_start(row, fs, shape, ndim - 1);
        const tv_pair *const places = tv_places_$t(x, fn, n, descending, room, room + n, call);
        if (!places) { free(room); return 1; }
        for (i64 i = 0; i < n; i++) y[i * tn] = x[places[i].at * fn];
    }
    free(room);
    return 0;
}
/*@ argsort c */
TV_KERNEL int tv_argsort_$t(i64 *to, const i64 *ts, const $T *from, const i64 *fs, const i64 *shape, int ndim, int descending,
                            i64 lo, i64 hi, tv_call *call)
{
    const i64 n = shape[ndim - 1], tn = ts[ndim - 1], fn = fs[ndim - 1];
    tv_pair *const room = malloc((size_t)(n > 0 ? n : 1) * 2 * sizeof(*room));
    if (!room) return TV_MEMORY;
    for (i64 row = lo; row < hi && n > 0; row++) {
        i64 *y = to + tv_row_start(row, ts, shape, ndim - 1);
        const $T *x = from + tv_row_start(row, fs, shape, ndim - 1);
        const tv_pair *const places = tv_places_$t(x, fn, n, descending, room, room + n, call);
        if (!places) { free(room); return 1; }
        for (i64 i = 0; i < n; i++) y[i * tn] = places[i].at;
    }
    free(room);
    return 0;
}
/*@ best */
/* The smallest key, after `flip`, of `n` elements. */
static inline uint$n_t tv_best_$t(const $T *x, i64 step, i64 n, uint$n_t flip)
{
    uint$n_t best = (uint$n_t)~(uint$n_t)0;
    if (step == 1) for (i64 i = 0; i < n; i++) { const uint$n_t key = tv_key_$t(x[i]) ^ flip; best = key < best ? key : best; }
    else for (i64 i = 0; i < n; i++) { const uint$n_t key = tv_key_$t(x[i * step]) ^ flip; best = key < best ? key : best; }
    return best;
}
/*@ argtopk */
/* Places of the k largest (or smallest) elements of rows lo to hi along the last axis, the best first, or in the order of the row.
   Of equal ones the first are taken. Only what is better than the k-th best so far is looked at, gathered, and now and then cut. */
TV_KERNEL int tv_argtopk_$t(i64 *to, const i64 *ts, const $T *from, const i64 *fs, const i64 *shape, int ndim, i64 k, int smallest,
                            int sorted, i64 lo, i64 hi, tv_call *call)
{
    const i64 n = shape[ndim - 1], tn = ts[ndim - 1], fn = fs[ndim - 1], room = 2 * k + 256 < n ? 2 * k + 256 : n;
    const uint$n_t flip = smallest ? 0 : (uint$n_t)~(uint$n_t)0;
    if (k > n) return TV_SHAPE;
    tv_pair *const memory = malloc((size_t)(room > 0 ? room : 1) * 2 * sizeof(*memory));
    if (!memory) return TV_MEMORY;
    for (i64 row = lo; row < hi; row++) {
        i64 *y = to + tv_row_start(row, ts, shape, ndim - 1), have = 0, patience = TV_PATIENCE;
        const $T *x = from + tv_row_start(row, fs, shape, ndim - 1);
        tv_pair *a = memory, *b = memory + room;
        uint$n_t limit = 0;
        int cut = 0;
        for (i64 first = 0; first < n; first += 64) {
            const i64 end = n - first < 64 ? n : first + 64;
            if ((patience -= 64) < 0) { patience = TV_PATIENCE; if (call && call->poll(call)) { free(memory); return 1; } }
            if (cut && tv_best_$t(x + first * fn, fn, end - first, flip) >= limit) continue;
            for (i64 i = first; i < end; i++) {
                const uint$n_t key = tv_key_$t(x[i * fn]) ^ flip;
                if (cut && key >= limit) continue;
                a[have++] = (tv_pair){key, i};
                if (have == room && i < n - 1) {
                    tv_pair *const best = tv_pairs_order(a, b, have, 0);
                    if (best != a) { b = a; a = best; }
                    have = k; cut = 1; limit = (uint$n_t)a[k - 1].key;
                }
            }
        }
        tv_pair *best = tv_pairs_order(a, b, have, 0);
        if (!sorted) {
            for (i64 i = 0; i < k; i++) best[i].key = (u64)best[i].at;
            best = tv_pairs_order(best, best == a ? b : a, k, 0);
        }
        for (i64 i = 0; i < k; i++) y[i * tn] = best[i].at;
    }
    free(memory);
    return 0;
}
/*@ kth_smallest */
/* The elements at the places `k` of sorted rows lo to hi along the last axis; `shape` is that of x. */
TV_KERNEL int tv_kth_smallest_$t($T *to, const i64 *ts, const $T *from, const i64 *fs, const i64 *shape, int ndim,
                                 const i64 *k, i64 step, i64 m, i64 lo, i64 hi, tv_call *call)
{
    const i64 n = shape[ndim - 1], tn = ts[ndim - 1], fn = fs[ndim - 1];
    for (i64 j = 0; j < m; j++) if (k[j * step] < -n || k[j * step] >= n) return TV_BOUNDS;
    uint$n_t *const room = malloc((size_t)(n > 0 ? n : 1) * 2 * sizeof(*room));
    if (!room) return TV_MEMORY;
    for (i64 row = lo; row < hi && n > 0; row++) {
        $T *y = to + tv_row_start(row, ts, shape, ndim - 1);
        const $T *x = from + tv_row_start(row, fs, shape, ndim - 1);
        const uint$n_t *keys = room;
        if (fn == 1) for (i64 i = 0; i < n; i++) room[i] = tv_key_$t(x[i]);
        else for (i64 i = 0; i < n; i++) room[i] = tv_key_$t(x[i * fn]);
        if (m > 8 || n <= 96) keys = tv_order_u$n(room, room + n, n, 0, $n, call);
        if (!keys || (call && n > 1 << 16 && call->poll(call))) { free(room); return 1; }
        for (i64 j = 0; j < m; j++) {
            const i64 at = k[j * step] + (k[j * step] < 0 ? n : 0);
            y[j * tn] = tv_number_$t(m > 8 || n <= 96 ? keys[at] : tv_select_u$n(room, room + n, n, at));
        }
    }
    free(room);
    return 0;
}
/*@ order_rows */
/* The order of the n rows of a matrix by their first elements, of equal ones by the next, and so on; equal rows stay in order. */
TV_KERNEL int tv_order_rows_$t(i64 *to, const $T *x, const i64 *strides, const i64 *shape, tv_call *call)
{
    const i64 n = shape[0], m = shape[1], s = strides[0], t = strides[1];
    i64 *const room = malloc((size_t)(n > 0 ? n : 1) * sizeof(*room)), *a = to, *b = room, patience = TV_PATIENCE;
    if (!room) return TV_MEMORY;
    for (i64 i = 0; i < n; i++) a[i] = i;
    for (i64 run = 1; run < n; run *= 2) {
        for (i64 first = 0; first < n; first += 2 * run) {
            const i64 *l = a + first, *const middle = a + (n - first < run ? n : first + run), *r = middle;
            const i64 *const end = a + (n - first < 2 * run ? n : first + 2 * run);
            i64 *put = b + first;
            while (l < middle && r < end) {
                i64 j = 0;
                while (j < m && tv_key_$t(x[*l * s + j * t]) == tv_key_$t(x[*r * s + j * t])) j++;
                *put++ = j < m && tv_key_$t(x[*r * s + j * t]) < tv_key_$t(x[*l * s + j * t]) ? *r++ : *l++;
                if ((patience -= j + 1) < 0) { patience = TV_PATIENCE; if (call->poll(call)) { free(room); return 1; } }
            }
            while (l < middle) *put++ = *l++;
            while (r < end) *put++ = *r++;
        }
        i64 *const other = a; a = b; b = other;
    }
    if (a != to) for (i64 i = 0; i < n; i++) to[i] = a[i];
    free(room);
    return 0;
}
