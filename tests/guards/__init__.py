"""Tests of ``graphlet/guards/``."""
