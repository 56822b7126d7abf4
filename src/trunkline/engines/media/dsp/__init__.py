"""Signals in numpy: G.711, tones, digits in the audio, speech, concealment."""
