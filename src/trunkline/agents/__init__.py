"""Tools for agents: the 68 functions over the Model Context Protocol, by stdio or HTTP.

`toolbox` has the tools and obeys the two switches, read-only and a spend limit; `budget` and
`prices` keep the limit; `server` speaks the protocol, built on the official `mcp` package. The
account's credentials stay here: no tool takes them.
"""
