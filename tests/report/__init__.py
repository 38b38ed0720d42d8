"""Tests of ``graphlet/report/``."""
