"""What the symbolic interpreter knows about a Python object."""
