"""Real NumPy programs, written as one would without graphlet."""
