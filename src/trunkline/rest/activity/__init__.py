"""What happens, for the operator: a live feed of changes, one message's story, the carriers."""
