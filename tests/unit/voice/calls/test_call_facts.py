"""Causes, headers and what a call tells about itself."""

import pytest

from trunkline.voice.causes import CAUSES, Errand, of_far_end
from trunkline.voice.dialling.bridge import Patterns
from trunkline.voice.session.facts import received_headers
from trunkline.voice.xml.headers import read_headers

# PLIVO voice: hangup causes, as they are documented.
DOCUMENTED = {
    0: "Unknown", 1000: "Canceled", 1010: "Canceled (Out Of Credits)",
    1020: "Canceled (Simultaneous dial limit reached)", 2000: "Invalid Destination Address",
    2010: "Destination Out Of Service", 2020: "Endpoint Not Registered",
    2030: "Destination Country Barred", 2040: "Destination Number Barred",
    2050: "Destination Prefix Barred", 2060: "Loop Detected", 2070: "Violates Media Anchoring",
    3000: "No Answer", 3010: "Busy Line", 3020: "Rejected", 3030: "Unknown Caller ID",
    3040: "Forbidden", 3050: "Unallocated number", 3070: "Request timeout",
    3080: "Internal server error from carrier", 3090: "Network congestion from carrier",
    3100: "Busy everywhere", 3110: "Declined", 3120: "User does not exist anywhere",
    3130: "Spam block", 3140: "DNO Caller ID", 4000: "Normal Hangup",
    4010: "End Of XML Instructions", 4020: "Multiparty Call Ended",
    4030: "Kicked Out Of Multiparty Call", 5000: "Network Error", 5010: "Internal Error",
    5020: "Routing Error", 6000: "Scheduled Hangup", 6010: "Ring Timeout Reached",
    6020: "Media Timeout", 7011: "Error Reaching Answer URL", 7012: "Error Reaching Action URL",
    7013: "Error Reaching Transfer URL", 7014: "Error Reaching Redirect URL",
    7022: "Invalid Action URL", 7023: "Invalid Transfer URL", 7024: "Invalid Redirect URL",
    7032: "Invalid Method For Action URL", 7033: "Invalid Method For Transfer URL",
    7034: "Invalid Method For Redirect URL", 8011: "Invalid Answer XML",
    8012: "Invalid Action XML", 8013: "Invalid Transfer XML", 8014: "Invalid Redirect XML",
    9000: "Lost Race", 9100: "Machine Detected", 9110: "Confirm Key Challenge Failed",
}  # fmt: skip


def test_every_documented_cause_is_there() -> None:
    assert {code: CAUSES[code].name for code in DOCUMENTED} == DOCUMENTED
    assert {4210, 4240, 4250, 5030} == set(CAUSES) - set(DOCUMENTED)


@pytest.mark.parametrize("errand", list(Errand))
def test_every_errand_has_its_causes(errand: Errand) -> None:
    last = errand.unreachable.code % 10
    assert errand.invalid_xml.code == 8010 + last
    assert errand.unreachable.name == f"Error Reaching {errand.capitalize()} URL"
    assert errand.invalid_xml.name == f"Invalid {errand.capitalize()} XML"


@pytest.mark.parametrize("status", [*range(300, 700, 7)])
def test_every_refusal_has_a_cause(status: int) -> None:
    assert of_far_end(status).code > 0


@pytest.mark.parametrize(
    ("written", "headers"),
    [
        ("", {}),
        ("a=1,b=2", {"X-PH-a": "1", "X-PH-b": "2"}),
        (" a = 1 , b=x%20y ", {"X-PH-a": "1", "X-PH-b": "x%20y"}),
        ("X-PH-a=1", {"X-PH-a": "1"}),
        ("x-ph-a=1", {"X-PH-a": "1"}),
        ("a,b=,=c", {}),
        ("a=b=c", {"X-PH-a": "b=c"}),
        ("a\r\nVia=1", {}),
        ("a=1\r\nVia: x", {}),
        (f"{'k' * 25}=1,k={'v' * 121}", {}),
        ("PH-a=1,Plivo-b=2,FS-c=3,SipAuthD=4,ZT-e=5,Twilio-f=6,ClientRegion=7", {}),
    ],
)
def test_headers_are_read_as_they_are_allowed(written: str, headers: dict[str, str]) -> None:
    assert read_headers(written) == headers


def test_of_a_callers_headers_those_of_the_application_are_kept() -> None:
    received = [("Via", "x"), ("x-ph-Key", "v" * 200), ("X-PH-", "x"), ("X-PH-b c", "x")]
    assert received_headers(received) == {"X-PH-Key": "v" * 120}


@pytest.mark.parametrize(
    ("patterns", "typed", "found"),
    [
        ("", "123", ""),
        ("1", "121", "1,1"),
        ("12,2", "12", "12"),
        ("123", "1123", "123"),
        ("11", "111", "11"),
        ("#0,90,000", "#0900000", "#0,90,000"),
    ],
)
def test_patterns_of_digits(patterns: str, typed: str, found: str) -> None:
    looking = Patterns(patterns)
    assert ",".join(one for one in map(looking.take, typed) if one) == found
