"""Main accounts and subaccounts: the only place that checks a credential.

Table `accounts` holds both; a subaccount names its main account, a main account names itself.
Tokens are sealed at rest. `Directory` is the copy in memory that the hot path asks.
"""
