"""Commands that speak to a running program through its API, with an account's credentials."""
