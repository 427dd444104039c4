"""What became of events and texts, as people read it."""
