"""Every operation in scope by its method of the official Python SDK.

A step: the operation, the call, and names under which values of the raw answer are kept.
"""

from collections.abc import Callable, Mapping
from operator import attrgetter
from typing import Any, NamedTuple

import plivo
from conform_world import (
    ADDRESS,
    CAMPAIGN,
    CONTACT,
    HANDSET,
    SENDER,
    TOLLFREE,
    World,
    await_linked,
    name,
    shortcode_in,
)


class PythonStep(NamedTuple):
    """One method of the SDK that makes one operation's request."""

    operation: str
    call: Callable[[plivo.RestClient, World], Any]
    keep: Mapping[str, str] = {}


_ = PythonStep
_PROFILE = {
    "customer_type": "DIRECT", "entity_type": "PUBLIC", "company_name": "ABC Inc.",
    "vertical": "PROFESSIONAL", "ein": "111111111", "ein_issuing_country": "US",
    "stock_symbol": "ABC", "stock_exchange": "NASDAQ", "website": "www.example.com",
    "alt_business_id_type": "NONE", "address": ADDRESS, "authorized_contact": CONTACT,
}  # fmt: skip


def _pack(client: plivo.RestClient, world: World) -> Any:
    return client.powerpacks.get(world["py_powerpack"])


ACCOUNTS = (
    _("account.get", lambda c, w: c.account.get()),
    _("account.update", lambda c, w: c.account.update(name="Lucius Fox", city="New York",
                                                       address="Times Square")),
    _("subaccount.create", lambda c, w: c.subaccounts.create(name(), True),
      {"py_subaccount": "auth_id"}),
    _("subaccount.get", lambda c, w: c.subaccounts.get(w["py_subaccount"])),
    _("subaccount.list", lambda c, w: c.subaccounts.list(limit=5, offset=0)),
    _("subaccount.update", lambda c, w: c.subaccounts.update(w["py_subaccount"], name(), True)),
    _("subaccount.delete", lambda c, w: c.subaccounts.delete(w["py_subaccount"], cascade=True)),
    _("application.create", lambda c, w: c.applications.create(
        name(), answer_url="https://example.com/answer"), {"py_application": "app_id"}),
    _("application.get", lambda c, w: c.applications.get(w["py_application"])),
    _("application.list", lambda c, w: c.applications.list(limit=5, offset=0)),
    _("application.update", lambda c, w: c.applications.update(
        w["py_application"], answer_url="https://example.com/other")),
    _("application.delete", lambda c, w: c.applications.delete(w["py_application"])),
    _("pricing.get", lambda c, w: c.pricing.get("US")),
)  # fmt: skip
MESSAGES = (
    _("message.create", lambda c, w: c.messages.create(
        src=SENDER, dst=f"{HANDSET}<12", text="Hello")),
    _("message.get", lambda c, w: c.messages.get(w["message"])),
    _("message.list", lambda c, w: c.messages.list(limit=5)),
    _("media.upload", lambda c, w: c.media.upload([w["image"]])),
    _("media.get", lambda c, w: c.media.get(w["media"])),
    _("media.list", lambda c, w: c.media.list(limit=5)),
    _("message_media.list", lambda c, w: c.messages.get(w["message_with_media"]).listMedia()),
)  # fmt: skip
NUMBERS = (
    _("phone_number.search", lambda c, w: c.numbers.search("US", type="local", limit=5)),
    _("phone_number.buy", lambda c, w: c.numbers.buy(w.new("number_for_sale"))),
    _("number.add_own", lambda c, w: c.numbers.create(
        "14845550143", w["carrier"], "United States")),
    _("number.update", lambda c, w: c.numbers.update(
        w["bought_number:python"], app_id=w["application"], subaccount=w["subaccount"],
        alias="Front desk")),
    _("number.get", lambda c, w: c.numbers.get(w["bought_number:python"])),
    _("number.list", lambda c, w: c.numbers.list(limit=20)),
    _("number.unrent", lambda c, w: c.numbers.delete(w.new("bought_number"))),
)  # fmt: skip


def _codes(method: str, powerpack: str) -> Callable[[plivo.RestClient, World], Any]:
    """Call a method on the powerpack with its short code, unless it lists them."""

    def call(client: plivo.RestClient, world: World) -> Any:
        code = shortcode_in(world, powerpack)
        found = attrgetter(method)(client.powerpacks.get(world[powerpack]))
        return found() if "list" in method else found(code)

    return call


_PACK, _PACK_2 = "powerpack:shortcode-python", "powerpack:shortcode-python-2"
_NUMBER, _TOLLFREE = "bought_number:pool-python", "tollfree_number:pool-python"
POOLS = (
    _("powerpack.create", lambda c, w: c.powerpacks.create(name()), {"py_powerpack": "uuid"}),
    _("powerpack.get", lambda c, w: c.powerpacks.get(w["py_powerpack"])),
    _("powerpack.list", lambda c, w: c.powerpacks.list(limit=5)),
    _("powerpack.update", lambda c, w: _pack(c, w).update({"name": name()})),
    _("numberpool_number.add", lambda c, w: _pack(c, w).add_number(w[_NUMBER])),
    _("numberpool_number.list", lambda c, w: _pack(c, w).list_numbers()),
    _("numberpool_number.list", lambda c, w: _pack(c, w).count_numbers()),
    _("numberpool_number.list", lambda c, w: _pack(c, w).numberpool.numbers.list()),
    _("numberpool_number.list", lambda c, w: _pack(c, w).numberpool.numbers.count()),
    _("numberpool_number.get", lambda c, w: _pack(c, w).find_number(w[_NUMBER])),
    _("numberpool_number.get", lambda c, w: _pack(c, w).numberpool.numbers.find(w[_NUMBER])),
    _("numberpool_number.remove", lambda c, w: _pack(c, w).remove_number(w[_NUMBER])),
    _("numberpool_number.add", lambda c, w: _pack(c, w).numberpool.numbers.add(w[_NUMBER])),
    _("numberpool_number.remove", lambda c, w: _pack(c, w).numberpool.numbers.remove(w[_NUMBER])),
    _("numberpool_number.add",
      lambda c, w: _pack(c, w).buy_add_number(number=w.new("number_for_sale"))),
    _("numberpool_number.add",
      lambda c, w: _pack(c, w).numberpool.numbers.buy_add_number(number=w.new("number_for_sale"))),
    _("numberpool_shortcode.list", _codes("list_shortcodes", _PACK)),
    _("numberpool_shortcode.list", _codes("numberpool.shortcodes.list", _PACK)),
    _("numberpool_shortcode.get", _codes("find_shortcode", _PACK)),
    _("numberpool_shortcode.get", _codes("numberpool.shortcodes.find", _PACK)),
    _("numberpool_shortcode.remove", _codes("remove_shortcode", _PACK)),
    _("numberpool_shortcode.remove", _codes("numberpool.shortcodes.remove", _PACK_2)),
    _("numberpool_tollfree.add", lambda c, w: _pack(c, w).add_tollfree(w[_TOLLFREE])),
    _("numberpool_tollfree.list", lambda c, w: _pack(c, w).list_tollfree()),
    _("numberpool_tollfree.list", lambda c, w: _pack(c, w).numberpool.tollfree.list()),
    _("numberpool_tollfree.get", lambda c, w: _pack(c, w).find_tollfree(w[_TOLLFREE])),
    _("numberpool_tollfree.get", lambda c, w: _pack(c, w).numberpool.tollfree.find(w[_TOLLFREE])),
    _("numberpool_tollfree.remove", lambda c, w: _pack(c, w).remove_tollfree(w[_TOLLFREE])),
    _("numberpool_tollfree.add", lambda c, w: _pack(c, w).numberpool.tollfree.add(w[_TOLLFREE])),
    _("numberpool_tollfree.remove",
      lambda c, w: _pack(c, w).numberpool.tollfree.remove(w[_TOLLFREE])),
    _("powerpack.delete", lambda c, w: _pack(c, w).delete()),
)  # fmt: skip
REGISTRATION = (
    _("profile.create", lambda c, w: c.profile.create(profile_alias=name(), **_PROFILE),
      {"py_profile": "profile_uuid"}),
    _("profile.get", lambda c, w: c.profile.get(w["py_profile"])),
    _("profile.list", lambda c, w: c.profile.list(limit=5)),
    _("profile.update", lambda c, w: c.profile.update(
        w["py_profile"], {"website": "www.example.org"})),
    _("profile.delete", lambda c, w: c.profile.delete(w["py_profile"])),
    _("brand.create", lambda c, w: c.brand.create(
        brand_alias=name(), brand_type="STANDARD", profile_uuid=w.new("profile"))),
    _("brand.get", lambda c, w: c.brand.get(w["brand"])),
    _("brand.list", lambda c, w: c.brand.list(limit=5)),
    _("brand.usecases", lambda c, w: c.brand.get_usecases(w["brand"])),
    _("campaign.create", lambda c, w: c.campaign.create(
        brand_id=w["brand"], campaign_alias=name(), **CAMPAIGN)),
    _("campaign.import", lambda c, w: c.campaign.import_campaign("CPYTHON", name())),
    _("campaign.list", lambda c, w: c.campaign.list(limit=5)),
    _("campaign.get", lambda c, w: c.campaign.get(w["campaign"])),
    _("campaign.update", lambda c, w: c.campaign.update(
        w["failed_campaign"], description=CAMPAIGN["description"], sample1=CAMPAIGN["sample1"])),
    _("campaign_number.link", lambda c, w: c.campaign.number_link(
        w["campaign"], numbers=[w["bought_number:campaign-python"]])),
    _("campaign_number.list", lambda c, w: c.campaign.get_numbers(w["campaign"])),
    _("campaign_number.get", lambda c, w: c.campaign.get_number(
        w["campaign"], w["bought_number:campaign-python"])),
    _("campaign_number.unlink", lambda c, w: c.campaign.number_unlink(
        w["campaign"], await_linked(w, w["bought_number:campaign-python"]))),
    _("campaign.delete", lambda c, w: c.campaign.delete(w.new("campaign"))),
    _("brand.delete", lambda c, w: c.brand.delete(w.new("brand"))),
    _("tollfree_verification.create", lambda c, w: c.tollfree_verification.create(
        profile_uuid=w["profile"], number=w["tollfree_number:python"], **TOLLFREE),
      {"py_tfv": "uuid"}),
    _("tollfree_verification.get", lambda c, w: c.tollfree_verification.get(w["py_tfv"])),
    _("tollfree_verification.list", lambda c, w: c.tollfree_verification.list(limit=5)),
    _("tollfree_verification.update", lambda c, w: c.tollfree_verification.update(
        w["py_tfv"], volume="10,000")),
    _("tollfree_verification.delete", lambda c, w: c.tollfree_verification.delete(w["py_tfv"])),
)  # fmt: skip
VOICE = (
    _("endpoint.create", lambda c, w: c.endpoints.create(
        username="desk", password="secret", alias="Test Account"), {"py_endpoint": "endpoint_id"}),
    _("endpoint.get", lambda c, w: c.endpoints.get(w["registered_endpoint"])),
    _("endpoint.list", lambda c, w: c.endpoints.list(limit=20)),
    _("endpoint.update", lambda c, w: c.endpoints.update(
        w["py_endpoint"], password="another", alias="Other", app_id=w["application"])),
    _("endpoint.delete", lambda c, w: c.endpoints.delete(w["py_endpoint"])),
    _("call.get", lambda c, w: c.calls.get(w["ended_call"])),
    _("call.list", lambda c, w: c.calls.list(call_direction="outbound", hangup_cause_code=4000)),
    _("call.get_live", lambda c, w: c.calls.live_call_get(w["live_call"])),
    _("call.list_live", lambda c, w: c.live_calls.list_ids()),
    _("call.get_queued", lambda c, w: c.queued_calls.get(w["queued_call"])),
    _("call.list_queued", lambda c, w: c.queued_calls.list_ids()),
    _("call_feedback.create", lambda c, w: c.call_feedback.create(
        w["ended_call"], 3.5, ["ECHO"], "An echo.")),
    _("recording.get", lambda c, w: c.recordings.get(w["recording"])),
    _("recording.list", lambda c, w: c.recordings.list(conference_name="sales")),
    _("recording.delete", lambda c, w: c.recordings.delete(w.new("recording"))),
    _("transcription.create", lambda c, w: c.transcriptions.create_transcription(
        w.new("recording"))),
    _("transcription.get", lambda c, w: c.transcriptions.get_transcription(w["transcription"])),
    _("transcription.delete", lambda c, w: c.transcriptions.delete_transcription(
        w.new("transcription"))),
)  # fmt: skip
STEPS: tuple[PythonStep, ...] = (*ACCOUNTS, *MESSAGES, *NUMBERS, *POOLS, *REGISTRATION, *VOICE)
