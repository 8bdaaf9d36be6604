"""What an expression is and what it means: nodes, types, ops, gradients, the NumPy meaning."""
