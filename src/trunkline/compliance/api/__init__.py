"""Wire ↔ domain for registrations, a file for each resource."""
