"""`trunkline carriers`: each carrier, its binds, window, rate and queue."""

from trunkline.cli.environment import DataOption, JsonOption
from trunkline.cli.remote.connection import AdminTokenOption, UrlOption, operator_for
from trunkline.cli.shell.listing import Columns, Row, show_rows


def carriers(
    as_json: JsonOption = False,
    url: UrlOption = None,
    admin_token: AdminTokenOption = None,
    data: DataOption = None,
) -> None:
    """List the carriers of messages: binds, window, rate, queue, last error."""
    found = operator_for(data, url, admin_token).ask("GET", "/admin/carriers")["objects"]
    columns: Columns = {
        "carrier": "name",
        "protocol": "protocol",
        "address": "address",
        "up": _up,
        "window": lambda one: f"{one['window_used']}/{one['window']}" if one["window"] else "",
        "rate": lambda one: f"{one['rate']:g}/s" if one["rate"] else "",
        "queue": "queue",
        "sending": "sending",
        "sent": "sent",
        "failed": "failed",
        "throttled": "throttled",
        "last error": "last_error",
    }
    show_rows(found, columns, as_json=as_json)


def _up(one: Row) -> str:
    if one["binds"]:
        return f"{one['up']}/{one['binds']}"
    return "yes" if one["up"] else "no"
