"""Who may call over HTTP: keys of the API, how often, and signed addresses."""
