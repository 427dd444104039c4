"""A CRM installation as the rules see it."""
