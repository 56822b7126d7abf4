"""What `trunkline up` shows and writes once it serves: how to use it, and a first message."""

import asyncio
import json
import sys
from dataclasses import dataclass
from pathlib import Path

from trunkline.messaging.send import SendRequest
from trunkline.processes.foundation import Foundation
from trunkline.processes.messaging import Messaging
from trunkline.processes.provision import Provisioned
from trunkline.runtime.clock import ControlledClock
from trunkline.simulator.smsc import Simulator

FIRST_RECIPIENT = "14155550199"  # NANPA: kept for fiction
FIRST_TEXT = "Hello from Trunkline! This message went over SMPP to a simulated handset."
FIRST_WAIT_S = 5.0

_BANNER = """
Trunkline is up.

  API      {url}/v1/Account/{auth_id}/
  Docs     {url}/docs    OpenAPI: {url}/openapi.json
  Auth ID  {auth_id}
  Token    {auth_token}
  Numbers  {numbers}
  SIP      {sip}
  Proxy    {proxy} for unmodified programs; its authority: {authority}

Local mode: webhooks may go to this machine, and simulated handsets are open under {url}/sim/.

Send a message:

  curl -u {auth_id}:{auth_token} -H 'Content-Type: application/json' \\
    -d '{{"src": "{number}", "dst": "14155550123", "text": "Hello"}}' \\
    {url}/v1/Account/{auth_id}/Message/

Run a program that uses an official SDK, in any language and as it is:

  trunkline run -- python app.py
"""


@dataclass(frozen=True, slots=True)
class Where:
    """Where this program is found; "" for what it does not have.

    `proxy` leads programs with an official SDK here, if they trust the PEM file `authority`.
    """

    url: str
    sip: str = ""
    proxy: str = ""
    authority: str = ""


def write_ready_file(path: Path, where: Where, provisioned: Provisioned | None) -> None:
    """Tell scripts where the program is: JSON, written in one piece."""
    known = provisioned is not None
    content = {
        "url": where.url,
        "auth_id": provisioned.account.auth_id if known else "",
        "auth_token": provisioned.account.auth_token if known else "",
        "numbers": provisioned.numbers if known else [],
        "console": f"{where.url}/docs",
        "sip": where.sip,
        "proxy": where.proxy,
        "authority": where.authority,
    }
    draft = path.with_name(path.name + ".new")
    draft.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
    draft.replace(path)


async def show(
    base: Foundation,
    parts: Messaging,
    simulator: Simulator | None,
    where: Where,
    provisioned: Provisioned,
) -> None:
    """Print how to use what runs here, and prove it with a message of its own."""
    number = provisioned.numbers[0] if provisioned.numbers else "14155550100"
    _print(
        _BANNER.format(
            url=where.url,
            auth_id=provisioned.account.auth_id,
            auth_token=provisioned.account.auth_token,
            numbers=", ".join(provisioned.numbers),
            number=number,
            sip=where.sip or "not served",
            proxy=where.proxy or "not served",
            authority=where.authority or "none",
        )
    )
    moves = not isinstance(base.clock, ControlledClock)  # else no receipt comes by itself
    if simulator is not None and not base.settings.carriers and moves:
        await _first_message(parts, simulator, number, provisioned)


async def _first_message(
    parts: Messaging,
    simulator: Simulator,
    number: str,
    provisioned: Provisioned,
) -> None:
    account = provisioned.account
    arrived = asyncio.Event()
    forget = simulator.listen(lambda _: arrived.set())
    began = asyncio.get_running_loop().time()
    sent = await parts.sender.send(
        SendRequest(account.auth_id, account.auth_id, number, [FIRST_RECIPIENT], FIRST_TEXT)
    )
    try:
        async with asyncio.timeout(FIRST_WAIT_S):
            await arrived.wait()
    except TimeoutError:
        _print("The first message has not arrived; `trunkline doctor` tells what is wrong.\n")
        return
    finally:
        forget()
    took_ms = (asyncio.get_running_loop().time() - began) * 1_000
    _print(
        f"First message: {number} -> {FIRST_RECIPIENT}, delivered in {took_ms:.0f} ms over SMPP\n"
        f"  {FIRST_TEXT}\n  message_uuid {sent.uuids[0]}\n"
    )


def _print(text: str) -> None:
    sys.stdout.write(text)
    sys.stdout.flush()
