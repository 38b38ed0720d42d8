"""Tests of what happens when known callables are called."""
