/*@ key f */
/* A number as an unsigned one of the same order: NaN last, both zeros one. */
static inline uint$n_t tv_key_$t($T x)
{
    const union { $T value; uint$n_t bits; } v = {x + 0};
    const uint$n_t top = (uint$n_t)1 << ($n - 1);
    return x != x ? ~(uint$n_t)0 : v.bits & top ? ~v.bits : v.bits | top;
}
/*@ key f16 */
static inline uint16_t tv_key_$t(tv_half x)
{
    const int bits = x & 0x7fff ? x : 0;
    return (uint16_t)((bits & 0x7fff) > 0x7c00 ? 0xffff : bits & 0x8000 ? ~bits : bits | 0x8000);
}
/*@ key i */
/* A number as an unsigned one of the same order. */
static inline uint$n_t tv_key_$t($T x) { return (uint$n_t)((uint$n_t)x ^ (uint$n_t)1 << ($n - 1)); }
/*@ key u */
static inline $T tv_key_$t($T x) { return x; }
/*@ number f */
/* The number with this key. */
static inline $T tv_number_$t(uint$n_t key)
{
    const union { uint$n_t bits; $T value; } v = {key >> ($n - 1) ? key ^ (uint$n_t)1 << ($n - 1) : ~key};
    return v.value;
}
/*@ number f16 */
static inline tv_half tv_number_$t(uint16_t key) { return (tv_half)(key >> 15 ? key ^ 0x8000 : ~key); }
/*@ number i */
static inline $T tv_number_$t(uint$n_t key) { return ($T)(key ^ (uint$n_t)1 << ($n - 1)); }
/*@ number u */
static inline $T tv_number_$t($T key) { return key; }
/*@ merge u */
/* Sort n numbers: runs of 16 by insertion, then merged. Returns where they are, a or b. */
TV_KERNEL $T *tv_merge_$t($T *a, $T *b, i64 n)
{
    for (i64 first = 0; first < n; first += 16) {
        const i64 end = n - first < 16 ? n : first + 16;
        for (i64 i = first + 1; i < end; i++) {
            const $T x = a[i];
            i64 j = i;
            for (; j > first && a[j - 1] > x; j--) a[j] = a[j - 1];
            a[j] = x;
        }
    }
    for (i64 run = 16; run < n; run *= 2) {
        for (i64 first = 0; first < n; first += 2 * run) {
            const $T *l = a + first, *const middle = a + (n - first < run ? n : first + run), *r = middle;
            const $T *const end = a + (n - first < 2 * run ? n : first + 2 * run);
            $T *to = b + first;
            while (l < middle && r < end) { const int right = *r < *l; *to++ = right ? *r : *l; r += right; l += !right; }
            while (l < middle) *to++ = *l++;
            while (r < end) *to++ = *r++;
        }
        $T *const other = a; a = b; b = other;
    }
    return a;
}
/*@ order u */
/* Sort n numbers of which the bits from `low` up count, in passes of 8 or 11 bits that keep the order of equal ones; numbers
   below `low` are there to tell equal ones apart. Returns where they are, a or b; 0 if it was stopped. */
TV_KERNEL $T *tv_order_$t($T *a, $T *b, i64 n, int low, int high, tv_call *call)
{
    if (n <= 128 || n > UINT32_MAX) return tv_merge_$t(a, b, n);
    const int bits = n < 6000 || high - low <= 16 ? 8 : 11, passes = (high - low + bits - 1) / bits;
    const unsigned mask = (1u << bits) - 1;
    unsigned int count[6 << 11];
    __builtin_memset(count, 0, sizeof(*count) * (size_t)(passes << bits));
    for (i64 i = 0; i < n; i++) {
        $T x = ($T)(a[i] >> low);
        for (int p = 0; p < passes; p++, x = ($T)((u64)x >> bits)) count[(p << bits) + (x & mask)]++;
    }
    for (int p = 0; p < passes; p++) {
        unsigned int *const at = count + (p << bits), sum = 0;
        const int shift = low + p * bits;
        if (at[a[0] >> shift & mask] == n) continue;
        for (unsigned k = 0; k <= mask; k++) { const unsigned int here = at[k]; at[k] = sum; sum += here; }
        for (i64 i = 0; i < n; i++) b[at[a[i] >> shift & mask]++] = a[i];
        $T *const other = a; a = b; b = other;
        if (call && n > 1 << 16 && call->poll(call)) return 0;
    }
    return a;
}
/*@ pairs_merge plain */
/* Sort pairs by key, equal ones staying in order: runs of 12 by insertion, then merged. Returns where they are, a or b. */
TV_KERNEL tv_pair *tv_pairs_merge(tv_pair *a, tv_pair *b, i64 n)
{
    for (i64 first = 0; first < n; first += 12) {
        const i64 end = n - first < 12 ? n : first + 12;
        for (i64 i = first + 1; i < end; i++) {
            const tv_pair x = a[i];
            i64 j = i;
            for (; j > first && a[j - 1].key > x.key; j--) a[j] = a[j - 1];
            a[j] = x;
        }
    }
    for (i64 run = 12; run < n; run *= 2) {
        for (i64 first = 0; first < n; first += 2 * run) {
            const tv_pair *l = a + first, *const middle = a + (n - first < run ? n : first + run), *r = middle;
            const tv_pair *const end = a + (n - first < 2 * run ? n : first + 2 * run);
            tv_pair *to = b + first;
            while (l < middle && r < end) { const int right = r->key < l->key; *to++ = right ? *r : *l; r += right; l += !right; }
            while (l < middle) *to++ = *l++;
            while (r < end) *to++ = *r++;
        }
        tv_pair *const other = a; a = b; b = other;
    }
    return a;
}
/*@ pairs_order plain */
/* Sort pairs by key, equal ones staying in order, in passes of 8 or 11 bits. Returns where they are, a or b; 0 if it was stopped. */
TV_KERNEL tv_pair *tv_pairs_order(tv_pair *a, tv_pair *b, i64 n, tv_call *call)
{
    if (n <= 128 || n > UINT32_MAX) return tv_pairs_merge(a, b, n);
    const int bits = n < 6000 ? 8 : 11, passes = (64 + bits - 1) / bits;
    const unsigned mask = (1u << bits) - 1;
    unsigned int count[6 << 11];
    __builtin_memset(count, 0, sizeof(*count) * (size_t)(passes << bits));
    for (i64 i = 0; i < n; i++) {
        u64 x = a[i].key;
        for (int p = 0; p < passes; p++, x >>= bits) count[(p << bits) + (x & mask)]++;
    }
    for (int p = 0; p < passes; p++) {
        unsigned int *const at = count + (p << bits), sum = 0;
        const int shift = p * bits;
        if (at[a[0].key >> shift & mask] == n) continue;
        for (unsigned k = 0; k <= mask; k++) { const unsigned int here = at[k]; at[k] = sum; sum += here; }
        for (i64 i = 0; i < n; i++) b[at[a[i].key >> shift & mask]++] = a[i];
        tv_pair *const other = a; a = b; b = other;
        if (call && n > 1 << 16 && call->poll(call)) return 0;
    }
    return a;
}
/*@ digits u */
/* The k-th smallest of n numbers; b is room for as many. Digit by digit from the top: only those with the digit that is met stay. */
TV_KERNEL $T tv_digits_$t(const $T *a, $T *b, i64 n, i64 k)
{
    int shift = $n > 11 ? $n - 11 : 0;
    for (;;) {
        i64 count[2048] = {0}, digit = 0, m = 0;
        if (n <= 96) break;
        for (i64 i = 0; i < n; i++) count[a[i] >> shift & 2047]++;
        while (k >= count[digit]) k -= count[digit++];
        if (shift == 0) { while ((i64)(a[m] & 2047) != digit) m++; return a[m]; }
        if (count[digit] < n) {
            for (i64 i = 0; i < n; i++) { b[m] = a[i]; m += (i64)(a[i] >> shift & 2047) == digit; }
            a = b; n = m;
        }
        shift = shift > 11 ? shift - 11 : 0;
    }
    if (a != b) for (i64 i = 0; i < n; i++) b[i] = a[i];
    for (i64 i = 1; i < n; i++) {
        const $T x = b[i];
        i64 j = i;
        for (; j > 0 && b[j - 1] > x; j--) b[j] = b[j - 1];
        b[j] = x;
    }
    return b[k];
}
/*@ select u */
/* The k-th smallest of n numbers; b is room for as many. A sample says between which two it lies, only those between them stay. */
TV_KERNEL $T tv_select_$t(const $T *a, $T *b, i64 n, i64 k)
{
    const $T *const all = a;
    const i64 count = n, place = k;
    while (n > 4096) {
        $T sample[512], room[512];
        for (i64 i = 0; i < 512; i++) sample[i] = a[i * (n / 512) + (i * 7919 & 1023) % (n / 512)];
        const $T *const s = tv_merge_$t(sample, room, 512);
        const i64 at = (i64)((double)k / (double)n * 512), first = at - 24, last = at + 24;
        const $T low = first < 0 ? 0 : s[first], high = last > 511 ? ($T)~($T)0 : s[last], gap = ($T)(high - low);
        i64 m = 0, less = 0;
        for (i64 i = 0; i < n; i++) { const $T x = a[i]; b[m] = x; m += ($T)(x - low) <= gap; less += x < low; }
        if (k >= less && k < less + m && low == high) return low;
        if (k < less || k >= less + m || m == n) return tv_digits_$t(all, b, count, place);
        a = b; n = m; k -= less;
    }
    return tv_digits_$t(a, b, n, k);
}
