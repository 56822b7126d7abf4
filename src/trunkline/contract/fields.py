"""Field types that several operations share, with their documents and limits."""

from typing import Annotated, Literal

from msgspec import Meta

from trunkline.contract.upload import Upload
from trunkline.values.pages import DEFAULT_LIMIT, MAX_LIMIT

_URL_PATTERN = r"^https?://\S+(?!\s)$"  # PLIVO SDK validators: http:// or https:// and something
_MAX_URL = 2048

HttpMethod = Literal["GET", "POST"]

Limit = Annotated[
    int, Meta(ge=1, le=MAX_LIMIT, description=f"Objects per page, {DEFAULT_LIMIT} if absent.")
]
Offset = Annotated[
    int, Meta(ge=0, le=2**31 - 1, description="How many objects to skip before the page.")
]
_URL_FORM = {"form": "an http:// or https:// URL"}
Url = Annotated[str, Meta(pattern=_URL_PATTERN, max_length=_MAX_URL, extra=_URL_FORM)]
UrlOrEmpty = Annotated[
    str, Meta(pattern=rf"^$|{_URL_PATTERN}", max_length=_MAX_URL, extra=_URL_FORM)
]
SubaccountId = Annotated[
    str,
    Meta(
        pattern=r"^SA[A-Z0-9]{18}$",
        description="Auth id of a subaccount.",
        extra={"form": "SA and 18 capital letters or digits"},
    ),
]
AnsweredMethod = Annotated[HttpMethod, Meta(description="HTTP method of the request to that URL.")]
Timestamp = Annotated[
    str,
    Meta(
        pattern=r"^\d{4}-\d{2}-\d{2} \d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?$",
        description="UTC, `YYYY-MM-DD HH:MM[:SS[.ffffff]]`.",
        extra={"form": "YYYY-MM-DD HH:MM[:SS[.ffffff]]"},
    ),
]
Files = Annotated[list[Upload], Meta(max_length=10, extra={"files": True})]

SAMPLE_META = {"limit": 20, "offset": 0, "next": None, "previous": None, "total_count": 1}
"""The `meta` of a list of one, in examples."""
