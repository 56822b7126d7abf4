"""Voice put together: what its operations work with, and what is looked after."""
