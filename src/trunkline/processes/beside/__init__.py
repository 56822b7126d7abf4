"""Processes beside this one: roles it starts on its machine, what they tell each other, the bus."""
