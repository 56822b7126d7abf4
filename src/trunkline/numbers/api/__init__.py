"""Wire ↔ domain for numbers: `owned` ones, `available` ones, and the `carriers` of own ones."""
