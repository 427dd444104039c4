"""What the timetable runs: sweep, retention, learned prices."""
