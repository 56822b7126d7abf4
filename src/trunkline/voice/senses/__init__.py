"""What listens to legs: the switch's port `Senses`.

    senses = Ears(streamer=Streamer(...), recogniser=...)

`machine` is the pure model of answering machines, `beeps` finds their beeps, `levels` measures
frames.
"""
