"""The rules: pure functions of values. No I/O, no clock, no logging."""
