"""The event contract: what a CRM publishes, read and refused."""
