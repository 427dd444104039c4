"""What goes on now, and what was sent, added up."""
