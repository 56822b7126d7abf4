"""One file for each element of a document: `run(element, session)` does it.

A verb returns when the next element's turn has come; it raises a signal (`session.signals`) to go
elsewhere. It undoes what it started in `finally`, for every wait may end by a signal.
"""
