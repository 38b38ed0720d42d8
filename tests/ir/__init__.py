"""Tests of ``graphlet/ir/``."""
