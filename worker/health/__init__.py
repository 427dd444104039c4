"""Whether a process is alive and ready, and its metrics."""
