"""Timers of the calendar: scheduled, fired, published."""
