"""Tests of ``graphlet/core/``."""
