/* 7 ops in one loop nest: sum(2.0 * tanh(x + b) * (1.0 - square(tanh(x + b))), axis=0) */
TV_KERNEL void make_slope(i64 n_1, const float *restrict x, const float *restrict b, float *restrict slope,
        float *restrict slope_total, float *restrict slope_lost, tv_call *call)
{
    i64 patience = TV_PATIENCE;
    i64 rows = 0;
    i64 rows_full = 0;
    #pragma omp simd
    for (i64 j = 0; j < 256; j++) {
        slope[j] = 0.0f;
        slope_total[j] = 0.0f;
        slope_lost[j] = 0.0f;
    }
    for (i64 i = 0; i < n_1; i++) {
        TV_POLL(256);
        #pragma omp simd
        for (i64 j = 0; j < 256; j++) {
            const float add_1 = x[i * 256 + j] + b[j];
            const float tanh_1 = tanhf(add_1);
            const float mul_1 = 2.0f * tanh_1;
            const float square_1 = tanh_1 * tanh_1;
            const float sub_1 = 1.0f - square_1;
            const float mul_2 = mul_1 * sub_1;
            slope[j] += mul_2;
        }
        rows = rows + 1;
        if (rows == 512) {
            rows = 0;
            rows_full = 1;
            #pragma omp simd
            for (i64 j = 0; j < 256; j++) {
                const float slope_was = slope_total[j];
                const float slope_add = slope[j];
                const float slope_new = slope_was + slope_add;
                slope_lost[j] = slope_lost[j] + tv_sum_lost_f32(slope_was, slope_add, slope_new);
                slope_total[j] = slope_new;
                slope[j] = 0.0f;
            }
        }
    }
    if (rows_full == 1) {
        #pragma omp simd
        for (i64 j = 0; j < 256; j++) {
            const float slope_was = slope_total[j];
            const float slope_add = slope[j];
            const float slope_new = slope_was + slope_add;
            slope[j] = tv_sum_whole_f32(slope_new, slope_lost[j] + tv_sum_lost_f32(slope_was, slope_add, slope_new));
        }
    }
}

    char *arena = call->arena;
    TV_STEP(0, make_slope(n_1, x, b, slope, (float *)(arena + slot_0), (float *)(arena + slot_1), call));
    return TV_OK;
}
