"""Numbered demos: each shows one thing and asserts its own claim."""
