"""Tests of ``graphlet/capture/``."""
