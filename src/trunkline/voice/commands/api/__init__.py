"""Wire ↔ domain for the operations that are commands, one file a resource."""
