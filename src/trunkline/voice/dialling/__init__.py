"""Calling others on behalf of a call: several ring at once, one of them is connected.

`targets` reads whom to call, `party` is one that was called, `race` lets them ring until one is
taken, `bridge` is the talk of the two.
"""
