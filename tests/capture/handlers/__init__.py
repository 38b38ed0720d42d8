"""Tests of the handlers of instruction groups."""
