"""The tests of graphlet; folders mirror those of the package."""
