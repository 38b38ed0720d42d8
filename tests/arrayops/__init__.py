"""Tests of ``graphlet/arrayops/``."""
