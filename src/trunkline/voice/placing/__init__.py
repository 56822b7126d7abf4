"""Calls that are asked for by the API: taken as durable rows, placed in turn, each at most once.

`ask` writes them, `queue` takes them up, `wanted` is what such a row holds besides.
"""
