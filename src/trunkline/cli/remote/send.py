"""`trunkline send`: one message through the API, and what became of it."""

from typing import Annotated

import typer

from trunkline.cli.environment import DataOption, Refused, output, settings_for
from trunkline.cli.remote.client import AuthIdOption, AuthTokenOption, UrlOption, client_for


def send(
    recipient: Annotated[str, typer.Argument(help="Number with country code.")],
    text: Annotated[str, typer.Argument(help="The text.")],
    sender: Annotated[
        str, typer.Option("--from", help="A number of yours, a short code or a name.")
    ] = "14155550100",
    url: UrlOption = None,
    auth_id: AuthIdOption = None,
    auth_token: AuthTokenOption = None,
    data: DataOption = None,
) -> None:
    """Send one SMS and print its id."""
    client = client_for(settings_for(data), url, auth_id, auth_token)
    answer = client.call("message.create", src=sender, dst=recipient, text=text)
    if not answer.ok:
        raise Refused(f"status {answer.status}: {answer.error}")
    for message_uuid in answer.body["message_uuid"]:
        output.print(message_uuid, highlight=False)
