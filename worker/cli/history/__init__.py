"""Commands that show what became of events and notifications, and what it cost."""
