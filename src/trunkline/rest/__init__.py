"""The HTTP surface: one raw ASGI application for the API, Starlette for the pages around it."""
