"""Roles in processes beside the main one: how they start, and what the processes tell each other."""
