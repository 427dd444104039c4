"""What admins set: triggers, and texts with what may stand in them."""
