"""What the process answers over HTTP: where it listens, and what is there beside the API."""
