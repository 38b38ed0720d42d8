"""The symbolic interpreter: from a code object, an entry and values to an outcome."""
