"""Pictures, sounds and files: uploaded, fetched, received; kept as blobs, linked to messages."""
