"""What TurboSMS posts to us."""
