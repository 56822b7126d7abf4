"""An application, and what may be said about it when it is made or changed."""

from dataclasses import dataclass
from typing import Literal

HttpMethod = Literal["GET", "POST"]


@dataclass(frozen=True, slots=True)
class Application:
    """URLs are "" when not set; `account_id` is the main account or the subaccount it belongs to.

    With `log_incoming_messages` false the text of inbound messages is kept nowhere and the last
    three digits of their sender are hidden (PLIVO application: log_incoming_messages).
    """

    app_id: str
    main_auth_id: str
    account_id: str
    app_name: str
    answer_url: str
    answer_method: HttpMethod
    hangup_url: str
    hangup_method: HttpMethod
    fallback_answer_url: str
    fallback_method: HttpMethod
    message_url: str
    message_method: HttpMethod
    default_number_app: bool
    default_endpoint_app: bool
    public_uri: bool
    log_incoming_messages: bool
    enabled: bool
    created_at: float
    modified_at: float | None

    @property
    def subaccount_id(self) -> str | None:
        return None if self.account_id == self.main_auth_id else self.account_id


@dataclass(frozen=True, slots=True, kw_only=True)
class NewApplication:
    """What an application starts with; an absent `hangup_url` is the `answer_url`."""

    app_name: str
    answer_url: str = ""
    answer_method: HttpMethod = "POST"
    hangup_url: str = ""
    hangup_method: HttpMethod = "POST"
    fallback_answer_url: str = ""
    fallback_method: HttpMethod = "POST"
    message_url: str = ""
    message_method: HttpMethod = "POST"
    default_number_app: bool = False
    default_endpoint_app: bool = False
    public_uri: bool = False
    log_incoming_messages: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplicationChanges:
    """New values of an application's fields; None leaves one as it is."""

    app_name: str | None = None
    answer_url: str | None = None
    answer_method: HttpMethod | None = None
    hangup_url: str | None = None
    hangup_method: HttpMethod | None = None
    fallback_answer_url: str | None = None
    fallback_method: HttpMethod | None = None
    message_url: str | None = None
    message_method: HttpMethod | None = None
    default_number_app: bool | None = None
    default_endpoint_app: bool | None = None
    public_uri: bool | None = None
    log_incoming_messages: bool | None = None
    account_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplicationFilter:
    """Which applications are listed: of one owner, with names that start so."""

    account_id: str | None = None
    name_prefix: str | None = None


@dataclass(frozen=True, slots=True)
class Deletion:
    """What to do with the endpoints of a deleted application: delete, or pass on, or orphan."""

    cascade: bool = True
    successor_id: str | None = None
