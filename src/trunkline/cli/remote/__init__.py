"""Commands that speak to a running program through its API, with an account's credentials."""

import typer

from trunkline.cli.remote import api, send


def register(app: typer.Typer) -> None:
    """Add the remote commands to the program's."""
    app.command("send")(send.send)
    app.command(
        "api",
        context_settings={"allow_extra_args": True, "ignore_unknown_options": True},
    )(api.api)
