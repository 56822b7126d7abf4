"""Legs: what both kinds share, those that come, those that we place."""
