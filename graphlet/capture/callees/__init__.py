"""What happens when a known callable is called, by table."""
