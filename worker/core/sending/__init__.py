"""Whether, when and in which request a notification is sent, and what the answer means."""
