"""The WhatsApp Cloud API as JSON, and nothing else: no sockets, no clock.

`outgoing` makes what is sent, `answers` reads what the API answers, `events` reads and writes the
webhooks it sends, `signature` checks them. CLOUD = Meta's WhatsApp Cloud API reference.
"""
