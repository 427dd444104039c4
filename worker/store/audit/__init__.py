"""Who changed, did or looked at what."""
