"""Calls that come in: whose they are, and what is to be done with them.

`judge` decides by numbers, applications and endpoints, `arrivals` begins or refuses the call.
"""
