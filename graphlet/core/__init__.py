"""Errors, configuration, events, names and locations: what every floor may use."""
