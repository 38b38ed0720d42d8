"""Everything about CPython's bytecode that differs between versions."""
