"""The bus between processes, over NATS: `bus` is the port, `link` one connection to a server.

`envelope` is what goes over it, `answering` the side that serves, `credentials` how it is allowed
in. NATS delivers at most once; a request that may have been lost with its connection is sent again
under the same id, and who serves it carries out an id once. Nothing is kept by the server, so
JetStream is not needed.
"""
