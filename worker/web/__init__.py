"""The web door: what TurboSMS posts to us."""
