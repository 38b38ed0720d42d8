"""Tests of ``graphlet/opcodes/``."""
