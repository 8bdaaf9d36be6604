/* 6 ops in one loop nest: tanh(x * scale) + where(y > 0.0, y, 0.1 * y) */
TV_KERNEL void make_z(i64 lo, i64 hi, const float *restrict x, const float *restrict scale, const float *restrict y,
        float *restrict z)
{
    #pragma omp simd
    for (i64 i = lo; i < hi; i++) {
        const float mul_1 = x[i] * scale[0];
        const float tanh_1 = tanhf(mul_1);
        const _Bool gt_1 = y[i] > 0.0f;
        const float mul_2 = 0.1f * y[i];
        const float where_1 = (gt_1 ? y[i] : mul_2);
        const float z_1 = tanh_1 + where_1;
        z[i] = z_1;
    }
}

    TV_STEP(0, TV_ROWS(n_1 * n_2, 1, make_z(lo, hi, x, scale, y, z)));
    return TV_OK;
}
