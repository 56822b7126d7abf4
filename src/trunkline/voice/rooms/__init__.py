"""Conferences and multiparty calls: who is in them, and what becomes of them.

`gathering` is one of them; `register` knows all that are live in this process. A member's own call
does what concerns its leg; the gathering does what concerns the room, and tells the members.
"""
