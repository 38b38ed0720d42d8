"""What each group of canonical instructions does to symbolic values, by table."""
