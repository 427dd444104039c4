"""What the environment says, read and checked."""
