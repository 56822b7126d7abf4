"""All SQL of messages: tables, the outbound queue, receipts, inbound, lists, opt-outs."""
