"""`trunkline init` and `trunkline config`: the settings file."""

import os
from pathlib import Path
from typing import Annotated, Any

import typer

from trunkline.cli.environment import DataOption, Refused, output, settings_for
from trunkline.cli.firewall import advice
from trunkline.runtime.folder import prepare
from trunkline.runtime.secrets import open_keyring
from trunkline.runtime.settings import commented_toml
from trunkline.runtime.settings import describe as all_settings
from trunkline.runtime.settings.model import CONFIG_FILE

app = typer.Typer(help="Explain the settings.", no_args_is_help=True)


_PLAIN: dict[str, Any] = {"markup": False, "highlight": False}
_NEXT = """Next:
  edit the file: carriers, trunks, http.public_url, http.admin_token
  trunkline config firewall      # once more, by what you have set
  trunkline migrate
  trunkline doctor               # what would go wrong, and how to mend it
  trunkline accounts add NAME
  trunkline serve"""


def init(
    data: DataOption = None,
    force: Annotated[bool, typer.Option(help="Replace the settings file if there is one.")] = False,
) -> None:
    """Make the data folder, its secret key and a commented settings file.

    Prints the ports to open in the firewall, by the settings as they stand, and what to do next.
    """
    settings = settings_for(data)
    prepare(settings.data)
    path = Path(os.environ.get("TRUNKLINE_CONFIG") or settings.data / CONFIG_FILE).expanduser()
    if path.exists() and not force:
        raise Refused(f"{path} is there already; --force replaces it")
    path.write_text(commented_toml(), encoding="utf-8")
    path.chmod(0o600)  # it will hold carriers' passwords
    open_keyring(settings.secrets_file)
    output.print(f"wrote {path}", soft_wrap=True, highlight=False)
    output.print(f"secret key in {settings.secrets_file}: back it up", soft_wrap=True)
    output.print("\n".join(["", *advice(settings), "", _NEXT]), soft_wrap=True, **_PLAIN)


@app.command("firewall")
def firewall(data: DataOption = None) -> None:
    """Print which ports the settings need open, as lines for ufw and nftables."""
    output.print("\n".join(advice(settings_for(data))), soft_wrap=True, **_PLAIN)


@app.command("describe")
def describe(
    toml: Annotated[bool, typer.Option("--toml", help="As `trunkline init` writes it.")] = False,
) -> None:
    """List every setting with its meaning, default and environment variable."""
    if toml:
        output.print(commented_toml(), end="", markup=False, highlight=False, soft_wrap=True)
        return
    for item in all_settings():
        env = f", environment {item.env}" if item.env else ""
        lines = (item.key, f"  {item.doc}", f"  {item.form}; default {item.default}{env}.")
        output.print("\n".join(lines), markup=False, highlight=False, soft_wrap=True)
