"""`trunkline send`: one message through the API, and what became of it."""

from typing import Annotated

import typer

from trunkline.cli.environment import DataOption, Refused, output, settings_for
from trunkline.cli.remote.client import AuthIdOption, AuthTokenOption, UrlOption, client_for
from trunkline.contract.catalog import operation


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
    create = operation("message.create")
    path = create.path.replace("{auth_id}", client.auth_id)
    answer = client.call(create.method, path, body={"src": sender, "dst": recipient, "text": text})
    if answer.status != create.success_status:
        raise Refused(f"status {answer.status}: {answer.body}")
    for message_uuid in answer.body["message_uuid"]:
        output.print(message_uuid, highlight=False)
