"""The oracle: runs the same code plainly and optimised, and compares everything a program can see."""
