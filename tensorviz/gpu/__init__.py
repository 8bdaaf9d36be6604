"""How tensorviz runs on devices: kernels cut into launches, OpenCL C, buffers on the device."""
