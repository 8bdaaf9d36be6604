/*@ window_copy f */
/* Channels `from` to `to` of an image, with the zeros around it, one plane for each residue of the step. */
static void tv_window_copy_$t(const tv_windows *w, const $T *x, $T *to, i64 from, i64 end)
{
    const i64 *size = w->size, *s = w->strides, *plane = w->plane, step = w->step[2];
    if (w->channels) to += from * (w->image / w->channels);
    for (i64 c = from; c < end; c++)
        for (i64 a = 0; a < w->phases[0]; a++) for (i64 b = 0; b < w->phases[1]; b++) for (i64 f = 0; f < w->phases[2]; f++) {
            const i64 first = w->low[2] + f;
            i64 lo = first < 0 ? tv_ceil(-first, step) : 0, hi = size[2] > first ? tv_ceil(size[2] - first, step) : 0;
            hi = hi > plane[2] ? plane[2] : hi;
            lo = lo > hi ? hi : lo;
            for (i64 i = 0; i < plane[0]; i++) for (i64 j = 0; j < plane[1]; j++, to += plane[2]) {
                const i64 z = i * w->step[0] + w->low[0] + a, y = j * w->step[1] + w->low[1] + b;
                if (z < 0 || z >= size[0] || y < 0 || y >= size[1]) {
                    for (i64 k = 0; k < plane[2]; k++) to[k] = 0;
                    continue;
                }
                const $T *row = x + c * s[1] + z * s[2] + y * s[3] + (lo * step + first) * s[4];
                const i64 by = step * s[4];
                for (i64 k = 0; k < lo; k++) to[k] = 0;
                if (by == 1) for (i64 k = lo; k < hi; k++) to[k] = row[k - lo];
                else for (i64 k = lo; k < hi; k++) to[k] = row[(k - lo) * by];
                for (i64 k = hi; k < plane[2]; k++) to[k] = 0;
            }
        }
}
/*@ window_filters f */
/* Filters of one group in the order in which blocks of rows read them: parts of the sum, blocks of rows, terms, rows. */
static void tv_window_filters_$t(const tv_windows *w, const $T *filter, $T *to, i64 deep)
{
    const i64 by = w->filter_strides[0];
    for (i64 from = 0; from < w->sum; from += deep) {
        const i64 end = from + deep < w->sum ? from + deep : w->sum;
        for (i64 m = 0; m < w->rows;) {
            const i64 left = w->rows - m, high = w->flat ? 1 : left >= TV_HIGH ? TV_HIGH : left >= 4 ? 4 : left >= 2 ? 2 : 1;
            for (i64 k = from; k < end; k++, to += high) {
                const $T *f = filter + m * by + w->place[k];
                if (high == TV_HIGH) for (int i = 0; i < TV_HIGH; i++) to[i] = f[i * by];
                else for (i64 i = 0; i < high; i++) to[i] = f[i * by];
            }
            m += high;
        }
    }
}
/*@ conv_lanes f */
typedef $T tv_vector_$t __attribute__((vector_size(TV_WIDTH)));
typedef $T tv_loose_$t __attribute__((vector_size(TV_WIDTH), aligned(sizeof($T)), may_alias));
enum { TV_LANES_$t = TV_WIDTH / sizeof($T) };
/* How many numbers a vector has. */
static inline i64 tv_conv_lanes_$t(void) { return TV_LANES_$t; }
/*@ conv_block f */
/* c (high, wide vectors) = or += the sum over k of a[k, :] times the vectors at b + offset[k]. */
static inline __attribute__((always_inline)) void tv_conv_block_$t(const int high, const int wide, i64 n, const $T *a, const $T *b,
                                                              const i64 *offset, $T *c, i64 row, int more)
{
    TV_CONTRACT
    const i64 lanes = tv_conv_lanes_$t();
    tv_vector_$t sum[8][3];
    for (int i = 0; i < high; i++) for (int j = 0; j < wide; j++)
        sum[i][j] = more ? (tv_vector_$t)*(const tv_loose_$t *)(c + i * row + j * lanes) : (tv_vector_$t){0};
    for (i64 k = 0; k < n; k++, a += high) {
        const $T *at = b + offset[k];
        tv_vector_$t v[3];
        for (int j = 0; j < wide; j++) v[j] = *(const tv_loose_$t *)(at + j * lanes);
        for (int i = 0; i < high; i++) for (int j = 0; j < wide; j++) sum[i][j] += a[i] * v[j];
    }
    for (int i = 0; i < high; i++) for (int j = 0; j < wide; j++) *(tv_loose_$t *)(c + i * row + j * lanes) = sum[i][j];
}
/*@ conv_block_of f */
TV_FUSED void tv_conv_block_of_$t(i64 high, int wide, i64 n, const $T *a, const $T *b, const i64 *offset, $T *c, i64 row, int more)
{
    if (wide == 3) {
        if (high == TV_HIGH) tv_conv_block_$t(TV_HIGH, 3, n, a, b, offset, c, row, more);
        else if (high == 4) tv_conv_block_$t(4, 3, n, a, b, offset, c, row, more);
        else if (high == 2) tv_conv_block_$t(2, 3, n, a, b, offset, c, row, more);
        else tv_conv_block_$t(1, 3, n, a, b, offset, c, row, more);
    } else {
        if (high == TV_HIGH) tv_conv_block_$t(TV_HIGH, 1, n, a, b, offset, c, row, more);
        else if (high == 4) tv_conv_block_$t(4, 1, n, a, b, offset, c, row, more);
        else if (high == 2) tv_conv_block_$t(2, 1, n, a, b, offset, c, row, more);
        else tv_conv_block_$t(1, 1, n, a, b, offset, c, row, more);
    }
}
/*@ conv_part f */
/* A stretch of `wide` vectors of a row: the sum over taps of a[k] times what stands at x + offset[k]; `left` numbers count. */
static inline __attribute__((always_inline)) void tv_conv_part_$t(const int wide, i64 n, const $T *a, const $T *x, const i64 *offset,
                                                             $T *out, i64 by, i64 left)
{
    TV_CONTRACT
    const i64 lanes = tv_conv_lanes_$t();
    tv_vector_$t sum[4] = {{0}};
    for (i64 k = 0; k < n; k++) {
        const $T *at = x + offset[k];
        for (int j = 0; j < wide; j++) sum[j] += a[k] * (tv_vector_$t)*(const tv_loose_$t *)(at + j * lanes);
    }
    for (int j = 0; j < wide; j++, left -= lanes, out += lanes * by) {
        if (by == 1 && left >= lanes) *(tv_loose_$t *)out = sum[j];
        else for (i64 i = 0; i < lanes && i < left; i++) out[i * by] = sum[j][i];
    }
}
/*@ conv_row f */
/* A row of the result for one filter, straight from the copied source. */
TV_FUSED void tv_conv_row_$t(i64 n, const $T *a, const $T *x, const i64 *offset, $T *out, i64 by, i64 count)
{
    const i64 lanes = tv_conv_lanes_$t();
    for (i64 p = 0; p < count;) {
        const int wide = count - p > 2 * lanes ? 4 : 1;
        if (wide == 4) tv_conv_part_$t(4, n, a, x + p, offset, out + p * by, by, count - p);
        else tv_conv_part_$t(1, n, a, x + p, offset, out + p * by, by, count - p);
        p += wide * lanes;
    }
}
/*@ window_rows f */
/* Rows `from` to `end` of a block of images, for few filters: vectors run along the rows. */
static void tv_window_rows_$t(tv_call *call, volatile int *stop, int asks, const tv_windows *w, const $T *x, const $T *a, $T *out,
                              i64 from, i64 end)
{
    const i64 *T = w->out, *os = w->out_strides;
    i64 patience = TV_PATIENCE;
    for (i64 r = from; r < end && !*stop; r++) {
        const i64 y = r % T[1], z = r / T[1] % T[0], image = r / T[1] / T[0];
        const $T *at = x + tv_window_at(w, image, z, y, 0);
        $T *row = out + image * os[0] + z * os[2] + y * os[3];
        for (i64 m = 0; m < w->rows; m++) tv_conv_row_$t(w->sum, a + m * w->sum, at, w->offset, row + m * os[1], os[4], T[2]);
        if (asks && (patience -= w->rows * w->sum * tv_ceil(T[2], 48) + 64) < 0) {
            patience = TV_PATIENCE;
            if (call->poll(call)) *stop = 1;
        }
    }
}
/*@ window_tiles f */
/* Tiles `from` to `end` of a block of images: windows are copied side by side into `panel`, then multiplied with all filters.
   Rows that end inside of a tile make segments of it. */
static void tv_window_tiles_$t(tv_call *call, volatile int *stop, int asks, const tv_windows *w, const $T *x, const $T *a, $T *out,
                               i64 images, i64 from, i64 end, i64 deep, $T *panel, $T *tile)
{
    const i64 slack = tv_conv_lanes_$t(), wide = 3 * slack, *T = w->out, *os = w->out_strides;
    const i64 total = images * w->count;
    i64 step[TV_DEEP], patience = TV_PATIENCE;
    for (i64 k = 0; k < deep; k++) step[k] = k * wide;
    for (i64 t = from; t < end && !*stop; t++) {
        i64 base[TV_SEGMENTS], place[TV_SEGMENTS], column[TV_SEGMENTS], length[TV_SEGMENTS], count = 0;
        i64 image = t * wide / w->count, at = t * wide % w->count, p = at % T[2], y = at / T[2] % T[1], z = at / T[2] / T[1];
        const i64 all = total - t * wide > wide ? wide : total - t * wide;
        for (i64 col = 0; col < all; count++) {
            const i64 n = T[2] - p < all - col ? T[2] - p : all - col;
            base[count] = tv_window_at(w, image, z, y, p);
            place[count] = image * os[0] + z * os[2] + y * os[3] + p * os[4];
            column[count] = col; length[count] = n;
            col += n; p = 0;
            if (++y == T[1]) { y = 0; if (++z == T[0]) { z = 0; image++; } }
        }
        const int whole = count == 1 && all == wide && os[4] == 1, vectors = all > slack ? 3 : 1;
        for (i64 lo = 0; lo == 0 || lo < w->sum; lo += deep) {
            const i64 n = w->sum - lo < deep ? w->sum - lo : deep;
            tv_window_panel_$t(w, x, w->offset + lo, n, count, base, column, length, all, panel);
            const $T *filters = a + lo * w->rows;
            for (i64 m = 0; m < w->rows;) {
                const i64 over = w->rows - m, high = over >= TV_HIGH ? TV_HIGH : over >= 4 ? 4 : over >= 2 ? 2 : 1;
                $T *c = whole ? out + m * os[1] + place[0] : tile + m * wide;
                tv_conv_block_of_$t(high, vectors, n, filters + m * n, panel, step, c, whole ? os[1] : wide, lo > 0);
                m += high;
            }
        }
        if (!whole) for (i64 m = 0; m < w->rows; m++) for (i64 s = 0; s < count; s++) {
            $T *to = out + m * os[1] + place[s];
            const $T *c = tile + m * wide + column[s];
            const i64 n = length[s];
            if (os[4] == 1) for (i64 i = 0; i < n; i++) to[i] = c[i];
            else for (i64 i = 0; i < n; i++) to[i * os[4]] = c[i];
        }
        if (asks && (patience -= w->rows * w->sum + 64) < 0) { patience = TV_PATIENCE; if (call->poll(call)) *stop = 1; }
    }
}
/*@ window_panel f */
/* The windows of a tile side by side: for each term of the sum the elements that it takes. */
static void tv_window_panel_$t(const tv_windows *w, const $T *x, const i64 *offset, i64 n, i64 count, const i64 *base,
                               const i64 *column, const i64 *length, i64 all, $T *panel)
{
    const i64 lanes = tv_conv_lanes_$t(), wide = 3 * lanes;
    if (all < wide) for (i64 k = 0; k < n * wide; k++) panel[k] = 0;
    if (count == 1 && all == wide) {
        for (i64 k = 0; k < n; k++) {
            const $T *from = x + base[0] + offset[k];
            for (int j = 0; j < 3; j++)
                *(tv_loose_$t *)(panel + k * wide + j * lanes) = *(const tv_loose_$t *)(from + j * lanes);
        }
    } else if (!w->direct) {                    /* after the source stand zeros: vectors may read beyond */
        for (i64 k = 0; k < n; k++) for (i64 s = 0; s < count; s++) {
            const $T *from = x + base[s] + offset[k];
            $T *to = panel + k * wide + column[s];
            for (i64 i = 0; i < length[s]; i += lanes) *(tv_loose_$t *)(to + i) = *(const tv_loose_$t *)(from + i);
        }
    } else {
        for (i64 k = 0; k < n; k++) for (i64 s = 0; s < count; s++) {
            const $T *from = x + base[s] + offset[k];
            for (i64 i = 0; i < length[s]; i++) panel[k * wide + column[s] + i] = from[i];
        }
    }
}
/*@ windows f */
/* All groups: by blocks of images that stay in the cache, shared out to the threads; few large images are shared out by tiles. */
static int tv_windows_$t(tv_call *call, tv_windows *w, const $T *x, const $T *filter, $T *out)
{
    if (!w->images || !w->rows || !w->groups || !w->out[0] || !w->out[1] || !w->out[2]) return 0;
    tv_windows_join(w);
    const int status = tv_windows_plan(w, 1);
    if (status) return status;
    const i64 lanes = tv_conv_lanes_$t(), wide = 3 * lanes, workers = w->count * w->images * w->rows * w->sum < 65536 ? 1 : call->threads;
    const i64 deep = w->flat || !w->sum ? w->sum + 1 : tv_ceil(w->sum, tv_ceil(w->sum, TV_DEEP));
    i64 per = w->direct ? 65536 / w->count : (i64)(TV_BLOCK / sizeof($T)) / (w->image + 1);
    const i64 share = tv_ceil(w->images * w->groups, workers);
    per = per > share ? share : per;
    per = per > w->images ? w->images : per < 1 ? 1 : per;
    const i64 blocks = tv_ceil(w->images, per), units = blocks * w->groups, inner = units < workers, packed = w->rows * w->sum;
    const i64 copied = w->direct ? 0 : per * w->image + wide, paneled = w->flat ? 0 : deep * wide + lanes, tiled = w->rows * wide + lanes;
    const i64 room = (copied + paneled + tiled + 15) / 16 * 16;
    $T *memory = malloc((size_t)(room * workers + packed * w->groups + 64) * sizeof($T));
    if (!memory) { free(w->offset); return TV_MEMORY; }
    $T *scratch = ($T *)(((uintptr_t)memory + 63) / 64 * 64), *filters = scratch + room * workers;
    for (i64 g = 0; g < w->groups; g++) tv_window_filters_$t(w, filter + g * w->group[1], filters + g * packed, deep);
    for (i64 k = 0; !w->direct && k < workers; k++) for (i64 i = 0; i < wide; i++) scratch[k * room + per * w->image + i] = 0;
    volatile int stop = 0;
    for (i64 turn = 0; turn < (inner ? units : 1) && !stop; turn++) for (int part = inner && !w->direct ? 0 : 1; part < 2; part++) {
        #pragma omp parallel for num_threads(workers) schedule(static, 1) if(workers > 1)
        for (i64 k = 0; k < workers; k++) for (i64 u = inner ? turn : k; u < units && !stop; u += inner ? units : workers) {
            const i64 g = u / blocks, from = u % blocks * per, n = w->images - from < per ? w->images - from : per;
            const $T *source = x + g * w->group[0] + from * w->strides[0];
            $T *mine = scratch + k * room, *copy = scratch + (inner ? 0 : k * room);
            if (!w->direct && !(inner && part)) for (i64 i = 0; i < n; i++)
                tv_window_copy_$t(w, source + i * w->strides[0], copy + i * w->image, inner ? w->channels * k / workers : 0,
                                  inner ? w->channels * (k + 1) / workers : w->channels);
            const i64 parts = w->flat ? n * w->out[0] * w->out[1] : tv_ceil(n * w->count, wide);
            const i64 lo = inner ? parts * k / workers : 0, hi = inner ? parts * (k + 1) / workers : parts;
            $T *to = out + g * w->group[2] + from * w->out_strides[0];
            if (part && w->flat) tv_window_rows_$t(call, &stop, k == 0, w, copy, filters + g * packed, to, lo, hi);
            else if (part) tv_window_tiles_$t(call, &stop, k == 0, w, w->direct ? source : copy, filters + g * packed, to, n, lo, hi,
                                              deep, mine + copied, mine + copied + paneled);
        }
    }
    free(memory);
    free(w->offset);
    return stop ? TV_STOPPED : 0;
}
/*@ conv f */
/* out[n, o, p] = the sum over c, t of w[o, c, t] * x[n, c, p * step + t * gap - before], within groups of channels.
   n: images, channels of x and of out, groups, then for each of three axes: lengths of x, w, out; step, before, gap. */
static int tv_conv_$t(tv_call *call, const $T *x, const i64 *xs, const $T *w, const i64 *ws, $T *out, const i64 *n)
{
    const i64 *size = n + 4, *taps = n + 7, *to = n + 10, *step = n + 13, *before = n + 16, *gap = n + 19;
    tv_windows p = {n[0], n[2] / n[3], n[1] / n[3], n[3]};
    i64 *table = malloc((size_t)(2 * (taps[0] + taps[1] + taps[2])) * sizeof(i64)), *next = table, area = 1;
    if (!table) return TV_MEMORY;
    for (int d = 0; d < 5; d++) { p.strides[d] = xs[d]; p.filter_strides[d] = ws[d]; }
    for (int d = 2; d >= 0; d--) {
        p.size[d] = size[d]; p.taps[d] = taps[d]; p.out[d] = to[d]; p.step[d] = step[d];
        p.out_strides[d + 2] = area; area *= to[d];
        p.at[d] = next; p.tap[d] = next + taps[d];
        for (i64 t = 0; t < taps[d]; t++) { next[t] = t * gap[d] - before[d]; next[taps[d] + t] = t; }
        next += 2 * taps[d];
    }
    p.out_strides[1] = area; p.out_strides[0] = area * n[2];
    p.group[0] = p.channels * xs[1]; p.group[1] = p.rows * ws[0]; p.group[2] = p.rows * area;
    const int status = tv_windows_$t(call, &p, x, w, out);
    free(table);
    return status;
}
/*@ conv_inputs f */
/* The transpose of conv in x: out[n, c, p * step + t * gap - before] collects w[o, c, t] * g[n, o, p]. Positions of each residue
   of the step read taps of their own. The numbers are those of conv. */
static int tv_conv_inputs_$t(tv_call *call, const $T *g, const i64 *gs, const $T *w, const i64 *ws, $T *out, const i64 *n)
{
    const i64 *size = n + 4, *taps = n + 7, *to = n + 10, *step = n + 13, *before = n + 16, *gap = n + 19;
    i64 *table = malloc((size_t)(2 * (taps[0] + taps[1] + taps[2])) * sizeof(i64)), phase[3] = {0, 0, 0}, strides[5];
    int status = table ? 0 : TV_MEMORY;
    strides[4] = 1; strides[3] = size[2]; strides[2] = size[1] * size[2]; strides[1] = strides[2] * size[0]; strides[0] = strides[1] * n[1];
    for (i64 k = 0; !status && k < step[0] * step[1] * step[2]; k++) {
        tv_windows p = {n[0], n[1] / n[3], n[2] / n[3], n[3]};
        i64 *next = table, terms = 1, first = 0;
        phase[0] = k / (step[1] * step[2]); phase[1] = k / step[2] % step[1]; phase[2] = k % step[2];
        for (int d = 0; d < 3; d++) {
            i64 found = 0;
            p.size[d] = to[d]; p.step[d] = 1; p.out[d] = size[d] > phase[d] ? tv_ceil(size[d] - phase[d], step[d]) : 0;
            p.at[d] = next; p.tap[d] = next + taps[d];
            for (i64 t = 0; t < taps[d]; t++) {
                const i64 u = phase[d] + before[d] - t * gap[d];
                if (u % step[d] == 0) { next[found] = u / step[d]; next[taps[d] + found++] = t; }
            }
            next += 2 * taps[d];
            p.taps[d] = found; terms *= found; first += phase[d] * strides[d + 2];
        }
        for (int d = 0; d < 5; d++) {
            p.strides[d] = gs[d]; p.filter_strides[d] = ws[d];
            p.out_strides[d] = strides[d] * (d > 1 ? step[d - 2] : 1);
        }
        p.filter_strides[0] = ws[1]; p.filter_strides[1] = ws[0];
        p.group[0] = p.channels * gs[1]; p.group[1] = p.channels * ws[0]; p.group[2] = p.rows * strides[1];
        if (terms && p.channels) status = tv_windows_$t(call, &p, g, w, out + first);
        else for (i64 i = 0; i < n[0] * n[1]; i++)
            for (i64 z = 0; z < p.out[0]; z++) for (i64 y = 0; y < p.out[1]; y++) for (i64 q = 0; q < p.out[2]; q++)
                out[first + i * strides[1] + z * p.out_strides[2] + y * p.out_strides[3] + q * p.out_strides[4]] = 0;
    }
    free(table);
    return status;
}
