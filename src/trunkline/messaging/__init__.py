"""Messages: accept, route, submit, receipts, inbound, replies, opt-out, records.

Tables: messages, dispatches, parts, unmatched_receipts, inbound_parts, optouts, senders.
Callbacks: message.status (queued, sent, final), message.inbound.
"""
