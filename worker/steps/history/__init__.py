"""What became of notifications, for people to read and to take along."""
