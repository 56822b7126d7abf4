"""WhatsApp's Cloud API on loopback, with handsets behind it; see docs/whatsapp.md.

`outcomes` has the magic destinations, `cloud` what becomes of a message, `server` speaks HTTP.
"""
