"""One look at everything, and what stands still."""
