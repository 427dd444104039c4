"""One JSON object per line, without personal data."""
