"""What is remembered: all SQL, one file per table, the statement above its function."""
