"""Pages of voice beside the API."""
