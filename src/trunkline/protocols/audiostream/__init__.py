"""The JSON of audio streams over a WebSocket (PLIVO streams): octets ↔ messages, pure.

`outgoing` writes what an application is told, `incoming` reads what it asks for.
"""
