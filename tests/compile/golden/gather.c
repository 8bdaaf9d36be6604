/* 2 ops in one loop nest: exp(table[word]) */
TV_KERNEL void make_y(i64 lo, i64 hi, const float *restrict found, float *restrict y)
{
    #pragma omp simd
    for (i64 i = lo; i < hi; i++) {
        const float y_1 = expf(found[i]);
        y[i] = y_1;
    }
}

    char *arena = call->arena;
    float *found = (void *)(arena + slot_0);
    TV_STEP(0, TV_IN_BOUNDS(0, tv_gather_u32(call, (unsigned int *)(found), TV_LIST(64, 1), (const unsigned int *)(table), TV_LIST(0, 1), (const tv_places[]){{word, TV_LIST(1, 0), n_1, 64}}, 1, TV_LIST(n_2, 64), 2)));
    TV_STEP(1, TV_ROWS(64 * n_2, 1, make_y(lo, hi, found, y)));
    return TV_OK;
}
