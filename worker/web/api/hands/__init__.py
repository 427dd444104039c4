"""What people do by hand: send a text, stop a phone, pause and resume."""
