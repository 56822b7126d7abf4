"""What an element of a document sees of its call: events, time, callbacks, and orders from outside.

`session` is the one object that verbs work with. `mailbox` is where events and orders arrive,
`orders` what may be asked of a live call, `obey` how it is done, `facts` what a call tells about
itself, `ports` what the session needs from others, `signals` how a verb ends before its time.
"""
