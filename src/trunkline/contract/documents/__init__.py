"""What is written from the operations: OpenAPI, the page at `/docs`, the reference."""
