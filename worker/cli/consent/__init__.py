"""`perfectum-sms consent` and `suppression`."""
