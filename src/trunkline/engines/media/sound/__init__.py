"""Sound from and to files and taps; all reading, writing and conversion happens in threads."""
