"""Legs: one RTP stream both ways each, over a socket of its own."""
