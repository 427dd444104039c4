"""Sentences of a timeline, in English and in Ukrainian."""
