"""Tests of ``graphlet/values/``."""
