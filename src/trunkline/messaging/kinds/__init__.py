"""Kinds of messages: what each asks of a request, and how each but SMS is sized and priced."""
