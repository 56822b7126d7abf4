"""What `<Speak>` says: Plivo's voices spoken by the engine's.

voices = Voices(Synthesiser(SynthesiserConfig(...)))     the switch's port for speaking
"""
