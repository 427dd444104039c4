"""The provider: the only place that knows TurboSMS."""
