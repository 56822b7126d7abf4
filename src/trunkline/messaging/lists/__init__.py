"""What keeps lists of many messages fast."""
