"""Tests of ``graphlet/passes/``."""
