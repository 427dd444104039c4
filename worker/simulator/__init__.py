"""A stand-in for TurboSMS: a real HTTP server with a memory and scriptable faults."""
