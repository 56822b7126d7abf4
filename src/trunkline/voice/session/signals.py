"""Exceptions that carry a call on: they end what it was doing, through its `finally` clauses."""

from trunkline.voice.causes import Cause, Errand
from trunkline.voice.xml.document import Document


class Signal(Exception):
    """Not an error: the call goes on elsewhere, or is over."""


class CallOver(Signal):
    """The call ends; `gone` says that the leg has ended already.

    `at` says when it did or, of one that has not, when it was to end at the latest (None: now).
    """

    def __init__(self, cause: Cause, *, gone: bool = False, at: float | None = None) -> None:
        super().__init__(cause.name)
        self.cause = cause
        self.gone = gone
        self.at = at


class GoTo(Signal):
    """Fetch a document and go on with it."""

    def __init__(self, url: str, method: str, errand: Errand) -> None:
        super().__init__(url)
        self.url = url
        self.method = method
        self.errand = errand


class GoOnWith(Signal):
    """Go on with a document that is here; `errand` is what it was fetched for."""

    def __init__(self, document: Document, errand: Errand) -> None:
        super().__init__(errand)
        self.document = document
        self.errand = errand
