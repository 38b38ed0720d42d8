"""Explanations, logs and traces: listeners to events."""
