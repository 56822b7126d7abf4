"""Every operation in scope by its method of the official Node SDK.

A step: the operation, a chain of method and arguments (each but the first is called on what the one
before resolved to), and names under which values of the raw answer are kept.
"""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

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

Chain = list[list[Any]]


class NodeStep(NamedTuple):
    """One method of the SDK that makes one operation's request."""

    operation: str
    chain: Callable[[World], Chain]
    keep: Mapping[str, str] = {}


_ = NodeStep


def _pack(method: str, *names: str) -> Callable[[World], Chain]:
    def chain(world: World) -> Chain:
        return [["powerpacks.get", world["js_powerpack"]], [method, *(world[one] for one in names)]]

    return chain


def _codes(method: str, powerpack: str) -> Callable[[World], Chain]:
    """Call a method on the powerpack with its short code, unless it lists them."""

    def chain(world: World) -> Chain:
        code = shortcode_in(world, powerpack)
        return [
            ["powerpacks.get", world[powerpack]],
            [method] if "list" in method else [method, code],
        ]

    return chain


_PACK, _PACK_2 = "powerpack:shortcode-node", "powerpack:shortcode-node-2"
_CAMPAIGN = [
    CAMPAIGN[key] for key in (
        "vertical", "usecase", "sub_usecases", "description", "embedded_link", "embedded_phone",
        "age_gated", "direct_lending", "subscriber_optin", "subscriber_optout", "subscriber_help",
        "affiliate_marketing", "sample1", "sample2",
    )
]  # fmt: skip
_CAMPAIGN += ["", "", "", CAMPAIGN["message_flow"], CAMPAIGN["help_message"],
              CAMPAIGN["optout_message"], "", ""]  # fmt: skip

ACCOUNTS = (
    _("account.get", lambda w: [["accounts.get"]]),
    _("account.update", lambda w: [["accounts.update", {"name": "Lucius Fox"}]]),
    _("subaccount.create", lambda w: [["subaccounts.create", name(), True]],
      {"js_subaccount": "auth_id"}),
    _("subaccount.get", lambda w: [["subaccounts.get", w["js_subaccount"]]]),
    _("subaccount.list", lambda w: [["subaccounts.list", {"limit": 5}]]),
    _("subaccount.update", lambda w: [["subaccounts.update", w["js_subaccount"], name(), True]]),
    _("subaccount.delete", lambda w: [["subaccounts.delete", w["js_subaccount"], True]]),
    _("application.create", lambda w: [["applications.create", name(),
        {"answerUrl": "https://example.com/answer"}]], {"js_application": "app_id"}),
    _("application.get", lambda w: [["applications.get", w["js_application"]]]),
    _("application.list", lambda w: [["applications.list", {"limit": 5}]]),
    _("application.update", lambda w: [["applications.update", w["js_application"],
        {"answerUrl": "https://example.com/other"}]]),
    _("application.delete", lambda w: [["applications.delete", w["js_application"], {}]]),
    _("pricing.get", lambda w: [["pricings.get", "US"]]),
)  # fmt: skip
MESSAGES = (
    _("message.create", lambda w: [["messages.create", SENDER, f"{HANDSET}<12", "Hello", {}]]),
    _("message.get", lambda w: [["messages.get", w["message"]]]),
    _("message.list", lambda w: [["messages.list", {"limit": 5}]]),
    _("media.upload", lambda w: [["media.upload", [w["image"]]]]),
    _("media.get", lambda w: [["media.get", w["media"]]]),
    _("media.list", lambda w: [["media.list", {"limit": 5}]]),
    _("message_media.list", lambda w: [["messages.listMedia", w["message_with_media"]]]),
)  # fmt: skip
NUMBERS = (
    _("phone_number.search", lambda w: [["numbers.search", "US", {"type": "local", "limit": 5}]]),
    _("phone_number.buy", lambda w: [["numbers.buy", w.new("number_for_sale")]]),
    _("number.add_own", lambda w: [["numbers.addOwnNumber", "14845550144", w["carrier"],
        "United States", {}]]),
    _("number.update", lambda w: [["numbers.update", w["bought_number:node"], {"alias": "Back desk",
        "appId": w["application"], "subAccount": w["subaccount"]}]]),
    _("number.get", lambda w: [["numbers.get", w["bought_number:node"]]]),
    _("number.list", lambda w: [["numbers.list", {"limit": 20}]]),
    _("number.unrent", lambda w: [["numbers.unrent", w.new("bought_number")]]),
)  # fmt: skip
_NUMBER, _TOLLFREE = "bought_number:pool-node", "tollfree_number:pool-node"
POOLS = (
    _("powerpack.create", lambda w: [["powerpacks.create", name(), {}]], {"js_powerpack": "uuid"}),
    _("powerpack.get", lambda w: [["powerpacks.get", w["js_powerpack"]]]),
    _("powerpack.list", lambda w: [["powerpacks.list", {"limit": 5}]]),
    _("powerpack.update", lambda w: [["powerpacks.get", w["js_powerpack"]],
                                     ["update", {"name": name()}]]),
    _("powerpack.update", lambda w: [["powerpacks.update", w["js_powerpack"], {"name": name()}]]),
    _("numberpool_number.add", _pack("add_number", _NUMBER)),
    _("numberpool_number.list", _pack("list_numbers")),
    _("numberpool_number.list", _pack("count_numbers")),
    _("numberpool_number.list", _pack("number_pool.numbers.list")),
    _("numberpool_number.list", _pack("number_pool.numbers.count")),
    _("numberpool_number.get", _pack("find_number", _NUMBER)),
    _("numberpool_number.get", _pack("number_pool.numbers.find", _NUMBER)),
    _("numberpool_number.remove", _pack("remove_number", _NUMBER)),
    _("numberpool_number.add", _pack("number_pool.numbers.add", _NUMBER)),
    _("numberpool_number.remove", _pack("number_pool.numbers.remove", _NUMBER)),
    _("numberpool_number.add", lambda w: [["powerpacks.get", w["js_powerpack"]],
        ["buy_add_number", {"number": w.new("number_for_sale")}]]),
    _("numberpool_number.add", lambda w: [["powerpacks.get", w["js_powerpack"]],
        ["number_pool.numbers.buy_add_number", {"country_iso2": "US", "type": "local"}]]),
    _("numberpool_shortcode.list", _codes("list_shortcodes", _PACK)),
    _("numberpool_shortcode.list", _codes("number_pool.shortcodes.list", _PACK)),
    _("numberpool_shortcode.get", _codes("find_shortcode", _PACK)),
    _("numberpool_shortcode.get", _codes("number_pool.shortcodes.find", _PACK)),
    _("numberpool_shortcode.remove", _codes("remove_shortcode", _PACK)),
    _("numberpool_shortcode.remove", _codes("number_pool.shortcodes.remove", _PACK_2)),
    _("numberpool_tollfree.add", _pack("add_tollfree", _TOLLFREE)),
    _("numberpool_tollfree.list", _pack("list_tollfree")),
    _("numberpool_tollfree.list", _pack("number_pool.tollfree.list")),
    _("numberpool_tollfree.get", _pack("find_tollfree", _TOLLFREE)),
    _("numberpool_tollfree.get", _pack("number_pool.tollfree.find", _TOLLFREE)),
    _("numberpool_tollfree.remove", _pack("remove_tollfree", _TOLLFREE)),
    _("numberpool_tollfree.add", _pack("number_pool.tollfree.add", _TOLLFREE)),
    _("numberpool_tollfree.remove", _pack("number_pool.tollfree.remove", _TOLLFREE)),
    _("powerpack.delete", _pack("delete")),
)  # fmt: skip
REGISTRATION = (
    _("profile.create", lambda w: [["profile.create", name(), w["subaccount"], "DIRECT", "PUBLIC",
        "ABC Inc.", "111111111", "PROFESSIONAL", "US", "ABC", "NASDAQ", "NONE", "www.example.com",
        ADDRESS, CONTACT, "", ""]], {"js_profile": "profile_uuid"}),
    _("profile.get", lambda w: [["profile.get", w["js_profile"]]]),
    _("profile.list", lambda w: [["profile.list", {"limit": 5}]]),
    _("profile.update", lambda w: [["profile.update", w["js_profile"],
        {"website": "www.example.org"}]]),
    _("profile.delete", lambda w: [["profile.delete", w["js_profile"]]]),
    _("brand.create", lambda w: [["brand.create", name(), w.new("profile"), "STANDARD", False]]),
    _("brand.get", lambda w: [["brand.get", w["brand"]]]),
    _("brand.list", lambda w: [["brand.list", {"limit": 5}]]),
    _("brand.usecases", lambda w: [["brand.get_usecases", w["brand"]]]),
    _("campaign.create", lambda w: [["campaign.create", w["brand"], name(), *_CAMPAIGN]]),
    _("campaign.import", lambda w: [["campaign.import_campaign", "CNODEJS", name()]]),
    _("campaign.list", lambda w: [["campaign.list", {"limit": 5}]]),
    _("campaign.get", lambda w: [["campaign.get", w["campaign"]]]),
    _("campaign.update", lambda w: [["campaign.update", w["failed_campaign"], "",
        CAMPAIGN["description"], CAMPAIGN["sample1"], CAMPAIGN["sample2"]]]),
    _("campaign_number.link", lambda w: [["campaign.linkNumber", w["campaign"],
        [w["bought_number:campaign-node"]]]]),
    _("campaign_number.list", lambda w: [["campaign.listNumber", w["campaign"], {"limit": 5}]]),
    _("campaign_number.get", lambda w: [["campaign.getNumber", w["campaign"],
        w["bought_number:campaign-node"]]]),
    _("campaign_number.unlink", lambda w: [["campaign.unlinkNumber", w["campaign"],
        await_linked(w, w["bought_number:campaign-node"])]]),
    _("campaign.delete", lambda w: [["campaign.deleteCampaign", w.new("campaign")]]),
    _("brand.delete", lambda w: [["brand.deleteBrand", w.new("brand")]]),
    _("tollfree_verification.create", lambda w: [["tollfreeVerification.create",
        {**TOLLFREE, "profile_uuid": w["profile"], "number": w["tollfree_number:node"]}]],
      {"js_tfv": "uuid"}),
    _("tollfree_verification.get", lambda w: [["tollfreeVerification.get", w["js_tfv"]]]),
    _("tollfree_verification.list", lambda w: [["tollfreeVerification.list", {"limit": 5}]]),
    _("tollfree_verification.update", lambda w: [["tollfreeVerification.update", w["js_tfv"],
        {"volume": "10,000"}]]),
    _("tollfree_verification.delete", lambda w: [["tollfreeVerification.delete", w["js_tfv"]]]),
)  # fmt: skip
VOICE = (
    _("endpoint.create", lambda w: [["endpoints.create", "desk", "secret", "Test Account"]],
      {"js_endpoint": "endpoint_id"}),
    _("endpoint.get", lambda w: [["endpoints.get", w["registered_endpoint"]]]),
    _("endpoint.list", lambda w: [["endpoints.list", {"limit": 20}]]),
    _("endpoint.update", lambda w: [["endpoints.update", w["js_endpoint"],
        {"password": "another", "alias": "Other", "appId": w["application"]}]]),
    _("endpoint.delete", lambda w: [["endpoints.delete", w["js_endpoint"]]]),
    _("call.get", lambda w: [["calls.get", w["ended_call"]]]),
    _("call.list", lambda w: [["calls.list", {"callDirection": "outbound"}]]),
    _("call.get_live", lambda w: [["calls.getLiveCall", w["live_call"]]]),
    _("call.list_live", lambda w: [["calls.listLiveCalls"]]),
    _("call.get_queued", lambda w: [["calls.getQueuedCall", w["queued_call"]]]),
    _("call.list_queued", lambda w: [["calls.listQueuedCalls"]]),
    _("recording.get", lambda w: [["recordings.get", w["recording"]]]),
    _("recording.list", lambda w: [["recordings.list", {"limit": 5}]]),
    _("recording.delete", lambda w: [["recordings.delete", w.new("recording")]]),
)  # fmt: skip
STEPS: tuple[NodeStep, ...] = (*ACCOUNTS, *MESSAGES, *NUMBERS, *POOLS, *REGISTRATION, *VOICE)
