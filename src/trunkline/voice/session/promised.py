"""The callback of a recording, made when it begins, in case its end is seen by nobody."""

from trunkline.voice.aftermath import Promise, Shape
from trunkline.voice.session.facts import Facts, Params


def promised(
    facts: Facts,
    url: str,
    method: str,
    kind: str,
    shape: Shape,
    extra: Params | None = None,
    *,
    event: str = "",
) -> Promise | None:
    """Return what `Session.tell` tells of it with the same words after the end of the call.

    For it is told when the process has died, and its calls with it. None without a URL.
    """
    if not url:
        return None
    return Promise(
        f"voice.{kind}",
        facts.account_id,
        facts.call_uuid,
        method if method in ("GET", "POST") else "POST",
        url,
        facts.params(event, "completed") | (extra or {}),
        shape,
    )
