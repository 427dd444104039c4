"""Who did what, as it is noted."""
