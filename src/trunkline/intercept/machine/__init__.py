"""A whole machine that takes Trunkline for Plivo: what is changed in it, and how that is undone."""
