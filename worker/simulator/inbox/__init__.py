"""The phones of those who got a message, as a page."""
