"""What became of notifications: which are wanted, found page by page, with all that is shown of each."""
