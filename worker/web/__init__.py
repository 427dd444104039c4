"""What TurboSMS posts to us, and what every process answers."""
