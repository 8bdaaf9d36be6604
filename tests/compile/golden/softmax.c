/* 5 ops in one loop nest */
TV_KERNEL void make_probs(i64 lo, i64 hi, const float *restrict x, float *restrict probs, float *restrict exp_1_row,
        tv_call *call)
{
    i64 patience = TV_PATIENCE;
    for (i64 i = lo; i < hi; i++) {
        TV_POLL(1000);
        float max_1 = (-__builtin_inff());
        int max_1_nan = 0;
        #pragma omp simd reduction(max:max_1) reduction(|:max_1_nan)
        for (i64 j = 0; j < 1000; j++) {
            max_1 = x[i * 1000 + j] > max_1 ? x[i * 1000 + j] : max_1;
            max_1_nan |= x[i * 1000 + j] != x[i * 1000 + j];
        }
        const float max_2 = max_1_nan ? __builtin_nanf("") : max_1;
        float sum_1 = 0.0f;
        #pragma omp simd reduction(+:sum_1)
        for (i64 j = 0; j < 1000; j++) {
            const float sub_1 = x[i * 1000 + j] - max_2;
            const float exp_2 = expf(sub_1);
            exp_1_row[j] = exp_2;
            sum_1 += exp_2;
        }
        #pragma omp simd
        for (i64 j = 0; j < 1000; j++) {
            const float exp_2 = exp_1_row[j];
            const float probs_1 = exp_2 / sum_1;
            probs[i * 1000 + j] = probs_1;
        }
    }
}

    char *arena = call->arena;
    TV_STEP(0, { const i64 lo = 0, hi = n_1; make_probs(lo, hi, x, probs, (float *)(arena + slot_0), call); });
    return TV_OK;
}
