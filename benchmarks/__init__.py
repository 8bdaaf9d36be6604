"""How fast tensorviz is beside NumPy, JAX, PyTorch and PyTensor: `make bench` prints the table (docs/benchmarks.md)."""
