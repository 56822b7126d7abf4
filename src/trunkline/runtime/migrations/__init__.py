"""The schema's history: one file in `versions/` for each change, the same for both databases.

Run by `runtime.db.migrate`; `make migration m="…"` writes a new file from the stores' tables.
"""
