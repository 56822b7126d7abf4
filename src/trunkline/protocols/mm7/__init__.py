"""MM7, the interface of an MMSC to services: 3GPP TS 23.140, SOAP with attachments over HTTP.

`messages` has what is said, `encode` and `decode` turn it into HTTP bodies and back, `status` the
status codes. Pure: octets in, octets out.
"""
