"""From an event to the notifications it asks for."""
