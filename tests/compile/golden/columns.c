/* one op: sum(x, axis=0) */
TV_KERNEL void sum(i64 n_1, const float *restrict x, float *restrict sum_out, float *restrict sum_out_total,
        float *restrict sum_out_lost, tv_call *call)
{
    i64 patience = TV_PATIENCE;
    #pragma omp simd
    for (i64 j = 0; j < 10; j++) {
        sum_out[j] = 0.0f;
        sum_out_total[j] = 0.0f;
        sum_out_lost[j] = 0.0f;
    }
    for (i64 i = 0; i < n_1; i++) {
        TV_POLL(10);
        #pragma omp simd
        for (i64 j = 0; j < 10; j++) {
            sum_out[j] += x[i * 10 + j];
        }
        if (i % 512 == 511) {
            #pragma omp simd
            for (i64 j = 0; j < 10; j++) {
                sum_out_lost[j] = tv_sum_lost_f32(sum_out_lost[j], sum_out_total[j], sum_out[j]);
                sum_out_total[j] = sum_out_total[j] + sum_out[j];
                sum_out[j] = 0.0f;
            }
        }
    }
    if (n_1 >= 512) {
        #pragma omp simd
        for (i64 j = 0; j < 10; j++) {
            sum_out[j] = tv_sum_whole_f32(sum_out_total[j] + sum_out[j], tv_sum_lost_f32(sum_out_lost[j], sum_out_total[j], sum_out[j]));
        }
    }
}

    char *arena = call->arena;
    TV_STEP(0, sum(n_1, x, sum_out, (float *)(arena + slot_0), (float *)(arena + slot_1), call));
    return TV_OK;
}
