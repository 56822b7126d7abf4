"""Roles in processes beside the main one: how they start, what the processes tell each other."""
