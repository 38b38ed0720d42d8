"""graphlet makes plain Python functions over NumPy arrays fast without changing a line of them."""
