"""Events in, notifications out."""
