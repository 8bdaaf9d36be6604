/*@ sum_lost f */
/* What was lost so far, with what a + b rounds away (D. E. Knuth, The Art of Computer Programming, 4.2.2). */
static inline $T tv_sum_lost_$t($T lost, $T a, $T b)
{
    const $T sum = a + b, step = sum - a;
    return lost + ((a - (sum - step)) + (b - step));
}
/*@ sum_whole f */
/* A sum with what its additions lost; of an infinite sum that makes no sense. */
static inline $T tv_sum_whole_$t($T sum, $T lost) { return lost - lost == 0 ? sum + lost : sum; }
