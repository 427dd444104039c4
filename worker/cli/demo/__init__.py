"""`perfectum-sms demo`."""
