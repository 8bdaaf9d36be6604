/* 3 ops in one loop nest: x[::-1, 1:].T * weight */
TV_KERNEL void make_y(i64 lo, i64 hi, const float *restrict x_part, const float *restrict weight, float *restrict y)
{
    for (i64 i = lo; i < hi; i++) {
        #pragma omp simd
        for (i64 j = 0; j < 100; j++) {
            const float y_1 = x_part[i + j * -20] * weight[j];
            y[i * 100 + j] = y_1;
        }
    }
}

    TV_STEP(0, TV_ROWS(19, 100, make_y(lo, hi, (x + 1980 + 1), weight, y)));
    return TV_OK;
}
