"""The history of a million notifications: how soon a page of it comes, and how fast it is exported."""
