"""The part `api`: one client's page, asked for at an even pace beside a worker."""
