    tv_copy((char *)(new_speed), TV_LIST(256, 1), (const char *)(speed), TV_LIST(256, 1), TV_LIST(64, 256), 2, 4);
    tv_blas_threads(call, call->symbols[2], 64, 256, n_1);
    TV_STEP(0, if (tv_gemm_f32(call->symbols[0], call->symbols[1], 64, 256, n_1, (-0.1f), x, 1, 64, delta, 256, 1, 0.9f, new_speed)) return tv_fail(call, TV_MEMORY, 0, 0, 0, 0));
    return TV_OK;
}
