"""Personal data: what speaks of a person, what is left of it once it does not, and how long it is kept."""
