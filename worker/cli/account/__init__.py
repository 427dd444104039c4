"""`perfectum-sms account`."""
