"""`trunkline doctor`: looks for what would go wrong and says how to mend it.

One file for each kind of check; each check returns findings and never raises for what it looks for.
"""
