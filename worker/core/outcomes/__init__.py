"""What a CRM hears: what became of its events, texts and account."""
