"""Checks of texts and events for admins and CRM developers, before these count."""
