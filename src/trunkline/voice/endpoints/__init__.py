"""Endpoints: phones with a username of ours, and where they are registered at the moment.

`directory` answers the SIP registrar about usernames and digests from memory; `registrations` is
what it feeds: one row for each contact of a phone, good until it expires on the clock.
"""
