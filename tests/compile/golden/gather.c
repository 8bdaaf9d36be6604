/* one op: exp(table[word]) */
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
    TV_STEP(0, if (tv_pick_u32((unsigned int *)(found), TV_LIST(64, 1), (const unsigned int *)(table), TV_LIST(0, 1), word, TV_LIST(1, 0), TV_LIST(n_1, 64), 2, 64, n_2)) return tv_fail(call, TV_BOUNDS, 0, 0, 0, 0));
    TV_STEP(1, TV_ROWS(64 * n_1, 1, make_y(lo, hi, found, y)));
    return TV_OK;
}
