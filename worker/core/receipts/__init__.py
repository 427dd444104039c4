"""What became of a sent message."""
