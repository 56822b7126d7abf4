"""Walking a document, element by element, from one document to the next."""
