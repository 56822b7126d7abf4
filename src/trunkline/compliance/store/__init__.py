"""All SQL of registrations, a file for each table.

Every function that writes is called after `next_revision`, whose lock makes the writers of
registrations take turns, so that what was read in a transaction still holds when it writes.
"""
