"""Calls: what they do by the XML of their applications, and what may be asked of them meanwhile.

`xml` reads documents by one grammar; `interpreter` walks them, with one file in `verbs` for each
element. `live` owns the calls of a process: one task each (`call`), spoken to by orders with a
result. `telephony` is the port to the engines; `causes` the table of all ways in which a call ends.
`records` keeps calls and `rating` prices them, `recordings` what is recorded, `endpoints` the
phones that register.
"""
