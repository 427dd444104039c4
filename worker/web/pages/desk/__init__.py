"""Стіл: what came from the CRM, what could not go on by itself, and what somebody does about it."""
