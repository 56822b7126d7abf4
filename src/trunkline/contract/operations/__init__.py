"""The operations, a file for each resource: request and answer types, limits, sources.

What is known but not served yet stands in `planned.csv` with its reason.
"""
