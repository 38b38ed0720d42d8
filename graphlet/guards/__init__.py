"""Guards: what must hold of the inputs for a specialisation to be valid."""
