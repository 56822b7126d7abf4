"""The `trunkline` command: one small file for each group of commands.

`remote/` speaks to a running program through its API; everything else works on the data folder
and the database of this machine.
"""
