/* 7 ops in one loop nest: sum(2.0 * tanh(x + b) * (1.0 - square(tanh(x + b))), axis=0) */
TV_KERNEL void make_slope(const float *restrict x, const float *restrict b, float *restrict slope, tv_call *call)
{
    i64 patience = TV_PATIENCE;
    #pragma omp simd
    for (i64 j = 0; j < 256; j++) {
        slope[j] = 0.0f;
    }
    for (i64 i = 0; i < 64; i++) {
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
    }
}

    TV_STEP(0, make_slope(x, b, slope, call));
    return TV_OK;
}
