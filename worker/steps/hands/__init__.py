"""What people do by hand to texts: stop, cancel, resend, send."""
