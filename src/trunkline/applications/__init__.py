"""Applications: the answer, hangup and message URLs that numbers and endpoints point to.

Table `applications`. `Directory` is the copy in memory that inbound messages and calls ask.
"""
