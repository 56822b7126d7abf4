"""Phone numbers that accounts own, and the application that each one's messages go to.

Table `numbers`. `Directory` is the copy in memory that sending and receiving ask.
"""
