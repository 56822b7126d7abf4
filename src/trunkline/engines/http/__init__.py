"""A lean HTTP/1.1 client for callbacks: kept-alive connections, checked addresses, typed errors.

`client.HttpClient` sends; `url.parse_url` reads an address; `guard.AddressPolicy` says where a
connection may go; `errors` holds what can go wrong. httptools parses every answer. See ADR 0002.
"""
