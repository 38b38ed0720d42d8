"""Tests of ``examples/``."""
