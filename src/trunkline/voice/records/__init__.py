"""Call detail records: every call from the moment it is asked for or comes in, until it is billed.

`store.calls` is how call control keeps them, `api` how accounts see them. A call that is not over
names the node (process) that has it; `closing` ends those of nodes that died.
"""
