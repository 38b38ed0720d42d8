"""Tests of ``graphlet/backends/``."""
