"""Measurements beside plain NumPy, in one run."""
