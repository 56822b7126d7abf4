"""The settings of one provider of WhatsApp's Cloud API."""

from collections.abc import Mapping
from dataclasses import dataclass

from trunkline.runtime.settings import parse
from trunkline.runtime.settings.carriers import CarrierRoute
from trunkline.runtime.settings.declare import REQUIRED, setting, tables
from trunkline.runtime.settings.parse import WhatsappCategory, WhatsappKind


@dataclass(frozen=True, slots=True, kw_only=True)
class WhatsappCarrier:
    """A WhatsApp Business Account; words are Meta's. It reaches us at /carriers/whatsapp/<name>."""

    kind: str = setting(
        "kind", parse.choice(WhatsappKind), "whatsapp", "Protocol; for WhatsApp messages."
    )
    name: str = setting(
        "name", parse.string, REQUIRED, "Unique; in logs, metrics, messages and our own path."
    )
    url: str = setting(
        "url", parse.string, "https://graph.facebook.com", "Where the Cloud API answers."
    )
    version: str = setting("version", parse.string, "v21.0", "Of the Cloud API.")
    token: str = setting(
        "token", parse.string, REQUIRED, "Access token of a system user.", secret=True
    )
    app_secret: str = setting(
        "app_secret",
        parse.string,
        "",
        "Checks the signature of what comes in; without it nothing does.",
        secret=True,
    )
    verify_token: str = setting(
        "verify_token",
        parse.string,
        "",
        "What Meta says when the webhook is set up; without it that is refused.",
        secret=True,
    )
    numbers: Mapping[str, str] = setting(
        "numbers",
        parse.phone_number_ids,
        REQUIRED,
        "The account's phone numbers and Meta's id of each.",
    )
    categories: Mapping[str, str] = setting(
        "categories",
        parse.categories,
        {},
        "Which category templates are of, by name; prices depend on it.",
    )
    default_category: WhatsappCategory = setting(
        "default_category",
        parse.choice(WhatsappCategory),
        "utility",
        "Category of templates that are not in categories.",
    )
    window: int = setting(
        "window", parse.integer(1, 1_000), 20, "Requests without an answer; as many connections."
    )
    tps: float = setting(
        "tps", parse.real(0, 100_000), 80, "Messages a second agreed on; 0: no limit."
    )
    response_timeout_s: float = setting(
        "response_timeout_s", parse.real(0.1, 600), 30, "How long an answer may take."
    )
    routes: tuple[CarrierRoute, ...] = tables(
        "routes",
        CarrierRoute,
        "Which messages of its numbers go there; without any route all may.",
    )
