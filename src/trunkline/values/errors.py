"""The root of every error this program raises on purpose."""


class TrunklineError(Exception):
    """Root of the error tree; each package derives its own branch from it."""
