"""What the API asks of live calls, conferences and multiparty calls: commands over the bus.

`wire` has commands and their results as they are carried, `client` asks, `server` answers in the
process that has the calls: `on_calls`, `on_gatherings` and `on_participants` do what is asked.
Every command has a result or a refusal.
"""
