/*@ gather */
enum { TV_RUN_LENGTH = 512, TV_MOST_INDICES = 32 };
/* An array of indices: where it is in the walk, its strides along the walk's axes, the axis that it picks from. */
typedef struct { const i64 *at; const i64 *strides; i64 n, step; } tv_places;
/* A walk: two strided arrays and arrays of indices side by side. */
typedef struct { i64 shape[32], to[32], from[32], index[TV_MOST_INDICES][32]; int ndim; } tv_walked;
/* The walk with neighbouring axes that lie in one piece everywhere made one, and without those of length 1. */
static inline void tv_walk(tv_walked *w, const i64 *to, const i64 *from, const tv_places *places, int count, const i64 *shape, int ndim)
{
    w->ndim = 0;
    for (int k = 0; k < ndim; k++) {
        if (shape[k] == 1) continue;
        const int d = w->ndim - 1;
        int joined = d >= 0 && w->to[d] == shape[k] * to[k] && w->from[d] == shape[k] * from[k];
        for (int p = 0; joined && p < count; p++) joined = w->index[p][d] == shape[k] * places[p].strides[k];
        const int at = joined ? d : w->ndim++;
        w->shape[at] = joined ? w->shape[d] * shape[k] : shape[k];
        w->to[at] = to[k]; w->from[at] = from[k];
        for (int p = 0; p < count; p++) w->index[p][at] = places[p].strides[k];
    }
    if (w->ndim == 0) {
        w->ndim = 1; w->shape[0] = 1; w->to[0] = w->from[0] = 0;
        for (int p = 0; p < count; p++) w->index[p][0] = 0;
    }
}
/* The offset that the indices which stand still in a run of the walk give; moving: whether others move, -1 if one is out of bounds. */
static inline i64 tv_offset(const tv_places *places, const tv_walked *w, int count, int *moving)
{
    i64 base = 0;
    *moving = 0;
    for (int p = 0; p < count; p++) {
        if (w->index[p][w->ndim - 1] != 0) { *moving = 1; continue; }
        i64 i = *places[p].at;
        i += i < 0 ? places[p].n : 0;
        if ((u64)i >= (u64)places[p].n) { *moving = -1; return 0; }
        base += i * places[p].step;
    }
    return base;
}
/* The offsets of `m` elements of a run from the indices that move along it; 1 if one is out of bounds. */
static inline int tv_offsets(i64 *offset, i64 base, const tv_places *places, const tv_walked *w, int count, i64 from, i64 m)
{
    i64 bad = 0;
    int first = 1;
    for (int p = 0; p < count; p++) {
        const i64 is = w->index[p][w->ndim - 1], n = places[p].n, step = places[p].step;
        if (is == 0) continue;
        const i64 *index = places[p].at + from * is;
        if (first) for (i64 j = 0; j < m; j++) {
            const i64 i = index[j * is], place = i + (i < 0 ? n : 0);
            bad |= place | (n - 1 - place);         /* negative if the place is outside */
            offset[j] = base + place * step;
        } else for (i64 j = 0; j < m; j++) {
            const i64 i = index[j * is], place = i + (i < 0 ? n : 0);
            bad |= place | (n - 1 - place);
            offset[j] += place * step;
        }
        first = 0;
    }
    return bad < 0;
}
/* Walk two strided arrays and arrays of indices together, from row `lo` to `hi` of the first axis. MOVE moves element j of a run
   whose indices move along it (offset[j - j0] is where they lead); TO and FROM are the two ends of one whose indices stand still.
   PUT puts or adds one element. 1 if an index is out of bounds. PARTS runs the rows. */
#define TV_SET(x, y) x = y
#define TV_ADD(x, y) x += y
#define TV_GATHER(NAME, T, MOVE, TO, FROM, PUT, PARTS) \
static int NAME##_part(T *to, const T *from, const tv_places *given, int count, const tv_walked *w, i64 lo, i64 hi) \
{ \
    tv_places places[TV_MOST_INDICES]; \
    i64 at[32] = {0}, shape[32], offset[TV_RUN_LENGTH]; \
    const int last = w->ndim - 1; \
    for (int k = 0; k <= last; k++) shape[k] = w->shape[k]; \
    shape[0] = hi - lo; \
    for (int p = 0; p < count; p++) { places[p] = given[p]; places[p].at += lo * w->index[p][0]; } \
    to += lo * w->to[0]; from += lo * w->from[0]; \
    const i64 m = shape[last], ts = w->to[last], fs = w->from[last]; \
    for (;;) { \
        int moving; \
        const i64 base = tv_offset(places, w, count, &moving); \
        if (moving < 0) return 1; \
        if (!moving) { \
            T *x = TO; const T *y = FROM; \
            if (ts == 1 && fs == 1) for (i64 j = 0; j < m; j++) PUT(x[j], y[j]); \
            else for (i64 j = 0; j < m; j++) PUT(x[j * ts], y[j * fs]); \
        } else for (i64 j0 = 0; j0 < m; j0 += TV_RUN_LENGTH) { \
            const i64 j1 = m - j0 > TV_RUN_LENGTH ? j0 + TV_RUN_LENGTH : m; \
            if (tv_offsets(offset, base, places, w, count, j0, j1 - j0)) return 1; \
            for (i64 j = j0; j < j1; j++) MOVE; \
        } \
        int k = last - 1; \
        for (; k >= 0; k--) { \
            to += w->to[k]; from += w->from[k]; \
            for (int p = 0; p < count; p++) places[p].at += w->index[p][k]; \
            if (++at[k] < shape[k]) break; \
            to -= shape[k] * w->to[k]; from -= shape[k] * w->from[k]; at[k] = 0; \
            for (int p = 0; p < count; p++) places[p].at -= shape[k] * w->index[p][k]; \
        } \
        if (k < 0) return 0; \
    } \
} \
/* TV_STOPPED after Ctrl-C, 1 if an index is out of bounds or if nothing is moved that could tell: then NumPy looks. */ \
static int NAME(tv_call *call, T *put, const i64 *to_strides, const T *got, const i64 *from_strides, const tv_places *places, \
                int count, const i64 *shape, int ndim) \
{ \
    tv_walked w; \
    int bad = 0; \
    for (int k = 0; k < ndim; k++) if (shape[k] == 0) return !(count == 1 && places[0].strides[k]); \
    tv_walk(&w, to_strides, from_strides, places, count, shape, ndim); \
    i64 row = 1; \
    for (int k = 1; k < w.ndim; k++) row *= w.shape[k]; \
    PARTS(w.shape[0], row, if (NAME##_part(put, got, places, count, &w, lo, hi)) __atomic_store_n(&bad, 1, __ATOMIC_RELAXED)); \
    return bad; \
}
/* Give up if a walk was stopped or met an index out of bounds. */
#define TV_IN_BOUNDS(site, ...) do { \
        const int tv_met = __VA_ARGS__; \
        if (tv_met) return tv_met == TV_STOPPED ? TV_STOPPED : tv_fail(call, TV_BOUNDS, site, 0, 0, 0); \
    } while (0)
/* Rows one part after the other, in order: what comes later is written later. */
#define TV_IN_ORDER(rows, row, ...) do { \
        const i64 part = ((i64)1 << 20) / (row) > 0 ? ((i64)1 << 20) / (row) : 1; \
        for (i64 lo = 0; lo < (rows); lo += part) { \
            const i64 hi = (rows) - lo > part ? lo + part : (rows); __VA_ARGS__; \
            if (hi < (rows) && call->poll(call)) return TV_STOPPED; \
        } \
    } while (0)
