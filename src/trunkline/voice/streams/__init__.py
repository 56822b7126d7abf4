"""`<Stream>`: a leg's audio to a WebSocket of the application, and back (PLIVO streams).

`Streamer.begin(leg, spec, tell)` is what the switch's port for streams needs.
"""
