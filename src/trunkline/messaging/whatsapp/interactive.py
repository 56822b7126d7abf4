"""Messages with buttons or a list (PLIVO messaging: interactive object)."""

from typing import Any

from trunkline.messaging.whatsapp.fields import Fields, distinct
from trunkline.messaging.whatsapp.parts import file_at, web_address
from trunkline.protocols.whatsapp import outgoing

Json = dict[str, Any]

MAX_BODY = 1_024  # PLIVO messaging: interactive body
MAX_FOOTER = 60  # PLIVO messaging: interactive footer
MAX_HEADER = 60  # CLOUD messages: header text
MAX_REPLY_BUTTONS = 3  # PLIVO messaging: up to three for reply
MAX_SECTIONS = 10  # PLIVO messaging: 1 to 10 sections
MAX_ROWS = 10  # CLOUD messages: rows of all sections
MAX_TITLE = 24  # PLIVO messaging: title of a section or row
MAX_ROW_ID = 200  # PLIVO messaging: id of a row
MAX_DESCRIPTION = 72  # CLOUD messages: row description
MAX_BUTTON_TITLE = 20  # CLOUD messages: button titles
MAX_BUTTON_ID = 256  # CLOUD messages: reply button id

_TYPES = ("list", "reply", "cta_url")


def read(values: Json) -> Json:
    """Return the message that sends an interactive object.

    Raises:
        BadRequest: a field is missing or at fault.
    """
    given = Fields(values, "interactive")
    kind = given.choice("type", _TYPES)
    parts = {
        "header": _header(given, kind),
        "body": {"text": given.object("body").text("text", MAX_BODY)},
        "footer": _footer(given),
    }
    action = given.object("action")
    if kind == "reply":
        return outgoing.interactive("button", parts, _reply(action))
    if kind == "list":
        return outgoing.interactive("list", parts, _list(action))
    return outgoing.interactive("cta_url", parts, _cta_url(action))


def _header(given: Fields, kind: str) -> Json | None:
    header = given.optional_object("header")
    if header is None or not any(map(header.has, ("type", "text", "media"))):
        return None
    shape = header.choice("type", ("text", "media"))
    if shape == "text":
        return {"type": "text", "text": header.text("text", MAX_HEADER)}
    if kind != "reply":
        raise header.refuse("type", "media is for interactive messages of type reply only")
    found = file_at(header, "media", refused=("audio",))
    return outgoing.media(found.kind, found.url, filename=found.name)


def _footer(given: Fields) -> Json | None:
    footer = given.optional_object("footer")
    if footer is None or not footer.has("text"):
        return None
    return {"text": footer.text("text", MAX_FOOTER)}


def _reply(action: Fields) -> Json:
    buttons = action.objects("buttons", MAX_REPLY_BUTTONS, least=1)
    made = [
        (button.text("id", MAX_BUTTON_ID), button.text("title", MAX_BUTTON_TITLE))
        for button in buttons
    ]
    distinct(buttons, lambda button: button.text("id", MAX_BUTTON_ID), "id")
    distinct(buttons, lambda button: button.text("title", MAX_BUTTON_TITLE), "title")
    return outgoing.reply_buttons(made)


def _cta_url(action: Fields) -> Json:
    (button,) = action.objects("buttons", 1, least=1)
    title = button.text("title", MAX_BUTTON_TITLE)
    return outgoing.url_button(title, web_address(button, "cta_url", 2_000))


def _list(action: Fields) -> Json:
    (button,) = action.objects("buttons", 1, least=1)
    title = button.text("title", MAX_BUTTON_TITLE)
    sections = action.objects("sections", MAX_SECTIONS, least=1)
    rows: list[Fields] = []
    made: list[Json] = []
    for section in sections:
        own = section.objects("rows", MAX_ROWS, least=1)
        rows += own
        if len(rows) > MAX_ROWS:
            raise section.refuse("rows", f"a list must have at most {MAX_ROWS} rows in all")
        needed = len(sections) > 1  # CLOUD messages: titles are required with several sections
        heading = (section.text if needed else section.optional_text)("title", MAX_TITLE)
        head = {"title": heading} if heading else {}
        made.append({**head, "rows": [_row(row) for row in own]})
    distinct(rows, lambda row: row.text("id", MAX_ROW_ID), "id")
    return outgoing.list_action(title, made)


def _row(row: Fields) -> Json:
    made = {"id": row.text("id", MAX_ROW_ID), "title": row.text("title", MAX_TITLE)}
    described = row.optional_text("description", MAX_DESCRIPTION)
    return {**made, "description": described} if described else made
