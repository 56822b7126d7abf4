"""Composition roots: the only place that reads settings and builds concrete things.

`run` starts the roles asked for in one process: api, messaging, webhooks, and the simulator.
"""
