"""`perfectum-sms template`."""
