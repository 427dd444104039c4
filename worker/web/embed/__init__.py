"""What a CRM shows of us inside its own pages."""
