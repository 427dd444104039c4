"""What may go at once is claimed while its event is accepted."""
