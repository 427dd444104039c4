"""What somebody must be told of an account."""
