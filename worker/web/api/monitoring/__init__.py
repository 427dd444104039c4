"""What goes, what waits, and what it costs."""
