"""How a graph runs fast on the CPU: fusion, kernels, schedule, buffers, C, and the compiled function."""
