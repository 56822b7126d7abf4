"""WhatsApp messages: what may be sent, conversations and their 24 hours, statuses, inbound.

`fields`, `content`, `template`, `interactive` check what is sent; `validate` hangs them into the
send path; `report` and `receive` take what the carrier says; `store` has all SQL.
"""
