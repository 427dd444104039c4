"""What people did, for those who ask."""
