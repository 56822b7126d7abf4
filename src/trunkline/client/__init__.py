"""The API from the other side: requests made from the contract, sent to a running program.

`request` turns an operation and its fields into what goes over the wire and does no I/O; `client`
sends it with httpx, blocking or not. Whoever has another way to the API (the function package in
the process of the API) uses `request` alone.
"""
