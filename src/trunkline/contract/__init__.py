"""The public API, once: operations, request and answer types, errors, routing, decoding, documents.

Everything that speaks the API (routes, validation, OpenAPI, reference pages, clients) is made from
`catalog.OPERATIONS`; nothing else repeats a path or the name of a field.
"""
