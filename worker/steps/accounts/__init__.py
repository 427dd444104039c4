"""What admins change of an account: its triggers, texts and budgets."""
