"""Receipts, callbacks and the queue of messages to poll."""
