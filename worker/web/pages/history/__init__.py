"""What became of texts: of a client, of an account, of one."""
