"""Hours, zones and how long things are waited for."""
