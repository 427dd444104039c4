"""Who signs in, and with which rights."""
