import pytest

from trunkline.contract.catalog import catalog
from trunkline.contract.errors import InvalidParameter, MethodNotAllowed, NotFound
from trunkline.contract.operation import Operation, PlannedOperation
from trunkline.contract.routing import Router

KNOWN = [known for known in catalog() if not (isinstance(known, PlannedOperation) and known.host)]
ROUTER: Router[Operation | PlannedOperation] = Router(KNOWN)
A = "/v1/Account/MA2025RK4E639VJFZAGV"


def found(method: str, target: str) -> str:
    path, _, query = target.partition("?")
    return ROUTER.match(method, path, query).operation.id


@pytest.mark.parametrize("known", KNOWN, ids=lambda known: known.id)
def test_every_operation_is_found_however_its_path_is_written(known: Operation) -> None:
    filled = known.path.replace("{auth_id}", "MA2025RK4E639VJFZAGV")
    while "{" in filled:
        before, _, rest = filled.partition("{")
        filled = before + "xyz" + rest.partition("}")[2]
    query = "&".join(f"{key}={value}" for key, value in known.query)
    for path in (
        filled,
        filled.rstrip("/"),
        filled + "/",
        filled.replace("/", "//"),
        filled.lower(),
        filled.upper(),
    ):
        assert ROUTER.match(known.method, path, query).operation is known
    assert ROUTER.match(known.method.capitalize(), filled, query).operation is known


@pytest.mark.parametrize(
    ("method", "target", "expected"),
    [
        # paths that SDKs send (missing, doubled slashes, odd queries)
        ("GET", f"{A}//", "account.get"),
        ("GET", f"{A}/Message/x/Media//", "message_media.list"),
        ("GET", f"{A}/Call/x?status=live", "call.get_live"),
        ("GET", f"{A}/Call/x?status=Queued", "call.get_queued"),
        ("GET", f"{A}/Call/x", "call.get"),
        ("GET", f"{A}/Call/?status=", "call.list"),
        ("DELETE", f"{A}/Masking/Session//x/", "masking_session.delete"),
        ("GET", f"{A}/NumberPool/x/Number//?&?search=hack", "numberpool_number.list"),
        ("GET", f"{A}/NumberPool/x/Shortcode/444/&service=sms", "numberpool_shortcode.get"),
        ("POST", f"{A}/PhoneNumber/Compliance/Link/", "phone_number_compliance.link"),
        ("POST", f"{A}/PhoneNumber/14155550100/", "phone_number.buy"),
        ("GET", f"{A}/PhoneNumber/Compliance/Requirements", "phone_number_compliance.requirements"),
        ("POST", f"{A}/10dlc/Campaign/Import", "campaign.import"),
        ("GET", f"{A}/10dlc/Campaign/Import/Number/", "campaign_number.list"),
        ("GET", "/v1/Number/14155550100?type=carrier", "lookup.get"),
        ("POST", "/v1/Call/x/Feedback/", "call_feedback.create"),
        ("GET", "/v1/phlo/x/runs/y", "phlo.run_get"),
    ],
)
def test_what_sdks_send(method: str, target: str, expected: str) -> None:
    assert found(method, target) == expected


def test_parameters_keep_their_case_and_are_decoded() -> None:
    match = ROUTER.match("POST", "/v1/Account/MA/Conference/My%20Room%2F2/Member/10,11/Kick/")
    assert match.auth_id == "MA"
    assert match.parameters == {"conference_name": "My Room/2", "member_id": "10,11"}
    raw = "Größe".encode().decode("latin-1")
    match = ROUTER.match("GET", f"/v1/Account/MA/Conference/{raw}/")
    assert match.parameters == {"conference_name": "Größe"}


@pytest.mark.parametrize(
    "path", ["", "/", "/v1", "/v2/Account/x/", f"{A}/Nothing/", f"{A}/Call/%FF/x", f"{A}/Call/\xff"]
)
def test_unknown_paths(path: str) -> None:
    with pytest.raises(NotFound):
        ROUTER.match("GET", path)


@pytest.mark.parametrize("method", ["PUT", "HEAD", "OPTIONS", "PATCH", "", "G E T", "é" * 99])
def test_wrong_methods_are_told_the_right_ones(method: str) -> None:
    with pytest.raises(MethodNotAllowed) as caught:
        ROUTER.match(method, f"{A}/Message/")
    assert caught.value.allowed == ("GET", "POST")


def test_two_operations_must_differ() -> None:
    with pytest.raises(ValueError, match=r"message\.create"):
        Router([*KNOWN, next(known for known in KNOWN if known.id == "message.create")])


@pytest.mark.parametrize("path", ["Call/", "Call/x/"])
def test_a_query_that_means_no_operation_is_refused(path: str) -> None:
    with pytest.raises(InvalidParameter, match="status parameter is invalid: must be one of live"):
        ROUTER.match("GET", f"{A}/{path}", "limit=5&status=done")


def test_a_query_that_cannot_be_read_chooses_nothing_special() -> None:
    assert found("GET", f"{A}/Call/x?" + "&".join(["a=b"] * 100)) == "call.get"
