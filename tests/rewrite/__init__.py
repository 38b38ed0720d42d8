"""Tests of ``graphlet/rewrite/``."""
