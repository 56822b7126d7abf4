"""Templates: from Plivo's words to the Cloud API's (PLIVO messaging: template object)."""

import re
from typing import Any

from trunkline.contract.errors import InvalidParameter
from trunkline.messaging.whatsapp.fields import Fields
from trunkline.messaging.whatsapp.parts import file_at, place
from trunkline.protocols.whatsapp import outgoing

Json = dict[str, Any]

MAX_NAME = 512  # CLOUD templates: names
MAX_COMPONENTS = 12  # a header, a body and the ten buttons
MAX_PARAMETERS = 100
MAX_BUTTON_INDEX = 9  # PLIVO messaging: up to 10 buttons using index values of 0 to 9
MAX_HEADER_TEXT = 60  # PLIVO messaging: text of a header parameter
MAX_BODY_TEXT = 1_024  # PLIVO messaging: text of a body parameter beside other components
MAX_ONLY_BODY_TEXT = 32_768  # PLIVO messaging: when body is the only component
MAX_URL_SUFFIX = 2_000  # CLOUD templates: URL buttons
MAX_PAYLOAD = 256  # CLOUD templates: quick reply payload

_NAME = re.compile(r"[a-z0-9_]+")  # CLOUD templates: lower-case letters, digits, underscores
_LANGUAGE = re.compile(r"[a-z]{2,3}(_[A-Za-z]{2,4})?")
_CURRENCY = re.compile(r"[A-Z]{3}")
_PARAMETER_NAME = re.compile(r"[a-z0-9_]+")

_COMPONENTS = ("header", "body", "button")
_ALLOWED = {
    "header": ("text", "media", "location", "currency", "date_time"),
    "body": ("text", "currency", "date_time"),
    "quick_reply": ("payload",),
    "url": ("text",),
    "copy_code": ("text", "payload"),
}
_SUB_TYPES = ("quick_reply", "url", "copy_code")


def read(values: Json) -> tuple[str, str, Json]:
    """Return a template's name, its language and the message that sends it.

    Raises:
        BadRequest: a field is missing or at fault.
    """
    template = Fields(values, "template")
    name = template.pattern("name", _NAME, "lower-case letters, digits and underscores", MAX_NAME)
    language = template.pattern("language", _LANGUAGE, "a locale such as en, en_US or pt_BR", 16)
    given = template.objects("components", MAX_COMPONENTS)
    types = [component.choice("type", _COMPONENTS) for component in given]
    _check_order(given, types)
    only_body = types == ["body"]
    components = [
        _component(component, kind, only_body) for component, kind in zip(given, types, strict=True)
    ]
    return name, language, outgoing.template(name, language, components)


def _check_order(given: list[Fields], types: list[str]) -> None:
    for once in ("header", "body"):
        if types.count(once) > 1:
            raise given[len(types) - 1 - types[::-1].index(once)].refuse(
                "type", f"there may be one {once} only"
            )
    seen: set[int] = set()
    for component, kind in zip(given, types, strict=True):
        if kind != "button":
            continue
        index = component.integer("index", 0, MAX_BUTTON_INDEX)
        if index in seen:
            raise component.refuse("index", f"there is a button {index} already")
        seen.add(index)


def _component(component: Fields, kind: str, only_body: bool) -> Json:
    made: Json = {"type": kind}
    allowed = kind
    if kind == "button":
        # PLIVO messaging: sub_type and index are required for buttons.
        allowed = component.choice("sub_type", _SUB_TYPES)
        made["sub_type"] = allowed
        made["index"] = str(component.integer("index", 0, MAX_BUTTON_INDEX))
    most = 1 if kind == "button" else MAX_PARAMETERS
    parameters = component.objects("parameters", most, least=1)
    limit = _text_limit(kind, only_body)
    made["parameters"] = [_parameter(one, allowed, limit) for one in parameters]
    return made


def _text_limit(kind: str, only_body: bool) -> int:
    if kind == "header":
        return MAX_HEADER_TEXT
    if kind == "button":
        return MAX_URL_SUFFIX
    return MAX_ONLY_BODY_TEXT if only_body else MAX_BODY_TEXT


def _parameter(parameter: Fields, owner: str, limit: int) -> Json:
    kind = parameter.choice("type", tuple(_MAKERS))
    if kind not in _ALLOWED[owner]:
        raise InvalidParameter(
            parameter.at("type"), f"must be one of {', '.join(_ALLOWED[owner])} here, not {kind}"
        )
    if owner == "copy_code":
        return {"type": "coupon_code", "coupon_code": parameter.text(kind, 15)}
    made = _MAKERS[kind](parameter, limit)
    if parameter.has("parameter_name"):
        made["parameter_name"] = parameter.pattern(
            "parameter_name", _PARAMETER_NAME, "lower-case letters, digits and underscores", 256
        )
    return made


def _text(parameter: Fields, limit: int) -> Json:
    return {"type": "text", "text": parameter.text("text", limit)}


def _payload(parameter: Fields, _limit: int) -> Json:
    return {"type": "payload", "payload": parameter.text("payload", MAX_PAYLOAD)}


def _media(parameter: Fields, _limit: int) -> Json:
    # PLIVO messaging: images, documents and videos.
    found = file_at(parameter, "media", refused=("audio",))
    return outgoing.media(found.kind, found.url, filename=found.name)


def _currency(parameter: Fields, _limit: int) -> Json:
    money = parameter.object("currency")
    return {
        "type": "currency",
        "currency": {
            "fallback_value": money.text("fallback_value", 64),
            "code": money.pattern("currency_code", _CURRENCY, "an ISO 4217 code such as USD", 3),
            "amount_1000": money.integer("amount_1000", -(10**15), 10**15),
        },
    }


def _date_time(parameter: Fields, _limit: int) -> Json:
    moment = parameter.object("date_time")
    return {"type": "date_time", "date_time": {"fallback_value": moment.text("fallback_value", 64)}}


def _location(parameter: Fields, _limit: int) -> Json:
    return {"type": "location", "location": place(parameter.object("location"))}


_MAKERS = {
    "text": _text,
    "payload": _payload,
    "media": _media,
    "currency": _currency,
    "date_time": _date_time,
    "location": _location,
}
