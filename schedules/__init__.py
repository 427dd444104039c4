"""What happens by the clock: the sweeper and the timetable."""
