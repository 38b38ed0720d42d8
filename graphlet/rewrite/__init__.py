"""Rewriting code objects: raw splicing of stubs, and a verifier of the result."""
