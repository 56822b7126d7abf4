"""Speech of calls: what `<Speak>` says, what is understood, who answers, streams to applications.

    voices = Voices(Synthesiser(SynthesiserConfig(...)))     the switch's port for speaking

`voices` maps Plivo's voices to the engine's.
"""
