"""What operators are shown of what waits."""
