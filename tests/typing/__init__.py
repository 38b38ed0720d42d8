"""Whether graphlet's types say what they should."""
