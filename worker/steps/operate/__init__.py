"""What a person asks for: resume, resolve, suppress, replay, rotate."""
