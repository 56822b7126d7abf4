"""Commands of the package of functions: calling one, and serving them all."""
