"""`perfectum-sms event`."""
