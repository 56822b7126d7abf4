"""What must exist before a request can name it: made through the API, once or anew."""

import itertools
import subprocess
import zlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from conform_calls import CALLS
from conform_live import LIVE
from e2e_api import Api
from e2e_program import Program
from e2e_sink import Sink
from e2e_waiting import until

from trunkline.contract.operations.planned import PLANNED

SENDER = "14155550100"
HANDSET = "12065550190"
ABROAD = "447700900123"  # fictional, and of a network that is known by its prefix
OWN_NUMBER = "12025551111"  # the one that curl lines of the reference texts link to campaigns
POOL_NUMBER = "14845550142"  # they list a pool's numbers of area 484
_PLANNED = {one.id: one.reason for one in PLANNED}
_numbers = itertools.count(1)


class NotPreparedError(AssertionError):
    """What a request names could not be made."""


class World:
    """Things of one account by the names that placeholders have; made when first asked for.

    What follows a colon tells things of a kind apart: `world["bought_number:node"]`.
    """

    def __init__(self, program: Program, sink: Sink, folder: Path) -> None:
        self.program = program
        self.api: Api = program.api()
        self.sink = sink
        self.folder = folder
        self._made: dict[str, str] = {}

    def __getitem__(self, name: str) -> str:
        if name not in self._made:
            self._made[name] = self.new(name.partition(":")[0])
        return self._made[name]

    def __setitem__(self, name: str, value: str) -> None:
        self._made[name] = value

    def __contains__(self, name: str) -> bool:
        return name in self._made

    def new(self, kind: str) -> str:
        """Make another of a kind; what `world[name]` gives stays as it is."""
        return MAKERS[kind](self)

    def post(self, path: str, **body: Any) -> dict[str, Any]:
        """Create something, or say why it cannot be."""
        answer = self.api.post(path, **body)
        if answer.status >= 300:
            raise NotPreparedError(f"POST {path}: {answer.status} {answer.body.get('error')}")
        return answer.body

    def get(self, path: str, **query: Any) -> dict[str, Any]:
        """Look at something, or say why it cannot be."""
        answer = self.api.get(path, **query)
        if answer.status >= 300:
            raise NotPreparedError(f"GET {path}: {answer.status} {answer.body.get('error')}")
        return answer.body

    def close(self) -> None:
        self.api.close()


def unserved(operation: str, misses: Sequence[str]) -> str:
    """Return why this release cannot answer: it or what it needs is planned; "" when it can."""
    if operation in _PLANNED:
        return _PLANNED[operation]
    return next((one for one in misses if "not available in this release" in one), "")


def name() -> str:
    """Return a name that nothing else has."""
    return f"conformance-{next(_numbers)}"


def _subaccount(world: World) -> str:
    return world.post("Subaccount/", name=name(), enabled=True)["auth_id"]


def _application(world: World) -> str:
    url = world.sink.url("/answer")
    return world.post("Application/", app_name=name(), answer_url=url)["app_id"]


def _message(world: World) -> str:
    url = world.sink.url("/status")
    pool = world["powerpack"]
    sent = world.post("Message/", powerpack_uuid=pool, dst=ABROAD, text="Hello", url=url)
    (uuid,) = sent["message_uuid"]
    world.api.final(uuid)
    return uuid


def _message_with_media(world: World) -> str:
    sent = world.post(
        "Message/", src=world["mms_number"], dst=HANDSET, text="Look", type="mms",
        media_ids=[world["media"]],
    )  # fmt: skip
    (uuid,) = sent["message_uuid"]
    until(lambda: world.get(f"Message/{uuid}/Media/")["objects"], "the message's media")
    return uuid


def _media(world: World) -> str:
    done = subprocess.run(
        ["curl", "-s", "--user", f"{world.api.auth_id}:{world.api.auth_token}",
         "-F", f"file=@{world['image']}", f"{world.api.url}{world.api.root}Media/"],
        capture_output=True, check=True, text=True,
    )  # fmt: skip
    found = done.stdout.partition('"media_id":"')[2].partition('"')[0]
    if not found:
        raise NotPreparedError(f"POST Media/: {done.stdout}")
    return found


def _image(world: World) -> str:
    path = world.folder / f"{next(_numbers)}.png"
    path.write_bytes(_png())
    return str(path)


def _png() -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        checked = kind + data
        return len(data).to_bytes(4, "big") + checked + zlib.crc32(checked).to_bytes(4, "big")

    header = (1).to_bytes(4, "big") * 2 + bytes((8, 0, 0, 0, 0))
    pixels = zlib.compress(b"\0\0")
    parts = (chunk(b"IHDR", header), chunk(b"IDAT", pixels), chunk(b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def _for_sale(world: World, **filters: str) -> str:
    found = world.get("PhoneNumber/", country_iso="US", **filters)["objects"]
    if not found:
        raise NotPreparedError(f"no number is for sale with {filters}")
    return found[0]["number"]


def _bought(world: World, **filters: str) -> str:
    number = _for_sale(world, **filters)
    world.post(f"PhoneNumber/{number}/")
    return number


def _given(world: World, number: str) -> str:
    world.program.cli("numbers", "add", number)
    return number


def _carrier(world: World) -> str:
    made = world.post("IncomingCarrier/", name=name(), ip_set=f"192.0.2.{next(_numbers) % 250}")
    return made["carrier_id"]


def _powerpack(world: World) -> str:
    made = world.post("Powerpack/", name=name())
    pool = made["number_pool"].split("/")[5]
    number = world.new("bought_number")
    world.post(f"NumberPool/{pool}/Number/{number}/")
    return made["uuid"]


def _number_pool(world: World) -> str:
    return world.get(f"Powerpack/{world['powerpack']}/")["number_pool"].split("/")[5]


def shortcode_in(world: World, powerpack: str) -> str:
    """Return the short code in that powerpack of the world, which an operator gave the account."""
    key = f"shortcode in {powerpack}"
    if key not in world:
        pool = world.get(f"Powerpack/{world[powerpack]}/")["number_pool"].split("/")[5]
        code = str(72_000 + next(_numbers))
        world.program.cli("numbers", "add", code, "--type", "shortcode")
        world.post(f"NumberPool/{pool}/Number/{code}/")
        world[key] = code
    return world[key]


def _profile(world: World) -> str:
    made = world.post(
        "Profile/", profile_alias=name(), customer_type="DIRECT", entity_type="PUBLIC",
        company_name="ABC Inc. [delay 0]", ein="111111111", vertical="PROFESSIONAL",
        ein_issuing_country="US", stock_symbol="ABC", stock_exchange="NASDAQ",
        alt_business_id_type="NONE", website="www.example.com", address=ADDRESS,
        authorized_contact=CONTACT,
    )  # fmt: skip
    return made["profile_uuid"]


ADDRESS = {
    "street": "123", "city": "New York", "state": "NY", "postal_code": "10001", "country": "US",
}  # fmt: skip
CONTACT = {
    "first_name": "John", "last_name": "Doe", "phone": "16572338892", "email": "john@example.com",
    "title": "Doe", "seniority": "admin",
}  # fmt: skip


def _brand(world: World) -> str:
    made = world.post(
        "10dlc/Brand/", brand_alias=name(), profile_uuid=world.new("profile"),
        brand_type="STANDARD", secondary_vetting=False,
    )  # fmt: skip
    _await_decision(world, f"10dlc/Brand/{made['brand_id']}/", "brand")
    return made["brand_id"]


def await_linked(world: World, number: str) -> str:
    """Wait until a number's campaign is decided on; return the number."""
    path = f"10dlc/Campaign/{world['campaign']}/Number/{number}/"

    def is_decided() -> bool:
        return world.get(path)["phone_numbers"][0]["status"] != "PROCESSING"

    until(is_decided, f"the registry's word on {path}")
    return number


def _await_decision(world: World, path: str, key: str) -> None:
    def is_decided() -> bool:
        return world.get(path)[key]["registration_status"] != "PROCESSING"

    until(is_decided, f"the registry's word on {path}")


CAMPAIGN: dict[str, Any] = {
    "vertical": "INSURANCE",
    "usecase": "MIXED",
    "sub_usecases": ["CUSTOMER_CARE", "2FA"],
    "description": "Notices about policies that customers asked to be told of by SMS.",
    "embedded_link": False,
    "embedded_phone": False,
    "age_gated": False,
    "direct_lending": False,
    "subscriber_optin": True,
    "subscriber_optout": True,
    "subscriber_help": True,
    "affiliate_marketing": False,
    "sample1": "Your policy was renewed. Reply STOP to end these notices.",
    "sample2": "Your one-time passcode is 1234. Do not tell it to anybody.",
    "message_flow": "Customers tick a box on the order form of the web site to opt in.",
    "help_message": "Write to help@example.com for help with these notices.",
    "optout_message": "You are unsubscribed and will get no more notices.",
}


def _campaign(world: World, orders: str = "[delay 0]") -> str:
    alias = f"{name()} {orders}"
    made = world.post("10dlc/Campaign/", brand_id=world["brand"], campaign_alias=alias, **CAMPAIGN)
    _await_decision(world, f"10dlc/Campaign/{made['campaign_id']}/", "campaign")
    return made["campaign_id"]


TOLLFREE: dict[str, Any] = {
    "usecase": "2FA",
    "usecase_summary": "We send 2FA codes to customers when they sign up.",
    "message_sample": "Your verification code is 1234.",
    "optin_image_url": "https://example.com/optin",
    "optin_type": "WEB_FORM",
    "volume": "1,000",
    "additional_information": "Privacy policy: https://example.com/privacy/",
    "extra_data": "Ticket 1",
}


def _endpoint(world: World) -> str:
    app_id = world["application"]
    made = world.post(
        "Endpoint/", username="desk", password="secret", alias="Test Account", app_id=app_id
    )
    return made["endpoint_id"]


MAKERS: dict[str, Callable[[World], str]] = {
    "endpoint": _endpoint,
    **{
        name: lambda world, make=make: make(world.program, world["endpoint"])
        for name, make in CALLS.items()
    },
    **LIVE,
    "auth_id": lambda world: world.api.auth_id,
    "auth_token": lambda world: world.api.auth_token,
    "sink": lambda world: world.sink.base,
    "name": lambda world: name(),
    "sender": lambda world: SENDER,
    "subaccount": _subaccount,
    "application": _application,
    "message": _message,
    "message_with_media": _message_with_media,
    "media": _media,
    "image": _image,
    "carrier": _carrier,
    "own_number": lambda world: _given(world, OWN_NUMBER),
    "number_for_sale": lambda world: _for_sale(world, type="local"),
    "tollfree_for_sale": lambda world: _for_sale(world, type="tollfree"),
    "bought_number": lambda world: _bought(world, type="local"),
    "mms_number": lambda world: _bought(world, services="sms,mms"),
    "tollfree_number": lambda world: _bought(world, type="tollfree"),
    "pool_number": lambda world: _given(world, POOL_NUMBER),
    "powerpack": _powerpack,
    "number_pool": _number_pool,
    "profile": _profile,
    "unused_profile": _profile,
    "brand": _brand,
    "campaign": _campaign,
    "failed_campaign": lambda world: _campaign(world, "[delay 0] [reject]"),
}
