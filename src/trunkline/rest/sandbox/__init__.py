"""`/sim/accounts`, and how one account looks at phones that all share: for tests."""
