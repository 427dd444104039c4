"""`perfectum-sms trigger`."""
