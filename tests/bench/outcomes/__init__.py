"""What it costs to tell CRMs."""
