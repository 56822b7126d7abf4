"""Filters that lists of calls and of recordings share."""

from typing import Annotated

from msgspec import Meta

# PLIVO calls: YYYY-MM-DD HH:MM[:ss[.uuuuuu]] in UTC. Taken too: what records show, with their
# offset, also where its plus sign has become a blank in a query string; and a day alone.
Moment = Annotated[
    str,
    Meta(
        pattern=r"^\d{4}-\d{2}-\d{2}([ T]\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?"
        r"(Z|[+ -]\d{2}:?\d{2})?)?(?!\n)$",
        description="UTC, `YYYY-MM-DD HH:MM[:SS[.ffffff]]`; an offset may follow.",
        extra={"form": "YYYY-MM-DD HH:MM[:SS[.ffffff]]"},
    ),
]
Seconds = Annotated[int, Meta(ge=0, le=2**31 - 1)]
Days = Annotated[int, Meta(ge=0, le=100_000)]
Short = Annotated[str, Meta(max_length=255)]
Numbers = Annotated[str, Meta(max_length=4096)]
