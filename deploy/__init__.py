"""How the worker runs: local services, images, units."""
