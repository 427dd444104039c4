"""Where personal data lies, and who asked to be forgotten."""
