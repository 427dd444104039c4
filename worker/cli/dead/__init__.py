"""The dead-letter desk: finding, mending, replaying and dropping letters."""
