"""What a search looks in: the names, words and terms of a notification."""
