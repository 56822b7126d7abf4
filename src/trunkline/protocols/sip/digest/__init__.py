"""Digest authentication in SIP, both sides (RFC 3261 22, RFC 8760, RFC 7616).

challenge = choose(response)                              strongest of the challenges understood
header, value = authorise(challenge, credentials, ...)    the client's answer
digester = Digester(key)                                  the server: challenges, nonces, replays
digester.challenge(realm, now);  digester.check(request, realm, secret_of, now) -> Verdict
"""

from trunkline.protocols.sip.digest.client import Challenge, Credentials, authorise, choose
from trunkline.protocols.sip.digest.server import (
    Absent,
    Claim,
    Digester,
    Passed,
    Refused,
    Secret,
    Stale,
    Verdict,
    claim_of,
)

__all__ = [
    "Absent",
    "Challenge",
    "Claim",
    "Credentials",
    "Digester",
    "Passed",
    "Refused",
    "Secret",
    "Stale",
    "Verdict",
    "authorise",
    "choose",
    "claim_of",
]
