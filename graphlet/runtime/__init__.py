"""The block machine: NumPy inner loops over blocks that fit in the first-level cache."""
