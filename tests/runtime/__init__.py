"""Tests of ``graphlet/runtime/``."""
