"""Countries and mobile networks: names, E.212 codes, and whose number a number is.

Two tables from ITU-T E.212, and the prefixes of phonenumbers' carrier data.
"""
