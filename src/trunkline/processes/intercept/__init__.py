"""Puts the interception of programs together: in `trunkline up`, and around one in `run`."""
