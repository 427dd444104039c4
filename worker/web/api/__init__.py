"""What a CRM may ask and tell us over HTTP: `/api/v1`."""
