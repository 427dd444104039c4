"""Claims, attempts and what limits them."""
