"""Random NumPy functions, compared by the oracle, shrunk when they differ."""
