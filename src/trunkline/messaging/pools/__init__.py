"""Sender pools (Plivo: Powerpacks): sets of numbers from which the sender of a message is chosen.

Tables `powerpacks`, `pool_numbers` and `sticky_senders`. `Directory` is the copy of the first two
in memory, `Chooser` picks a sender: the one the recipient knows, else one of its area or state,
by kind in the order asked for, the least used among equals.
"""
