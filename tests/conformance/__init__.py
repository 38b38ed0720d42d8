"""CPython's own tests, run over rewritten code and under the hook, compared test by test."""
