"""Where a message goes: its network, what that network takes, and whether the account may."""
