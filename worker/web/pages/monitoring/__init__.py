"""How an account is: what waits, what it costs, who did what."""
