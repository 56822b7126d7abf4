"""Leads unmodified programs that call Plivo to this Trunkline, and lets none of it out.

One loopback port takes whatever a program can be made to send there: CONNECT and absolute-form
requests of a proxy's client, plain HTTP, and TLS that thinks it has reached Plivo. TLS ends with
certificates of an authority of this installation. `environment` has the variables that lead a
program's languages here; `machine` puts the authority into the stores of a machine, and back.
"""
