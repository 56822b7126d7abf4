"""Main accounts: who they are, what they may do, what they used and owe."""
