"""`perfectum-sms simulator`."""
