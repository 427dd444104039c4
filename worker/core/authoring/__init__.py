"""What admins and CRM developers are told of their texts and events before these count."""
