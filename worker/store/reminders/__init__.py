"""The calendar, its timers and occurrences."""
