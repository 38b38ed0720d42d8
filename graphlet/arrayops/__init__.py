"""NumPy's catalogue: one row per operation, with its result type and its traits."""
