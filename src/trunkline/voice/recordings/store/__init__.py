"""All SQL of recordings and transcriptions."""
