"""All SQL of sender pools."""
