"""`perfectum-sms apikey`."""
