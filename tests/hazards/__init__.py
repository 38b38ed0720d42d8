"""The ways such systems go wrong elsewhere, each as small programs that the oracle compares."""
