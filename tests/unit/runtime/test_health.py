"""Health checks: well, wrong, and silent."""

import asyncio

from trunkline.runtime.health import Health


async def test_each_part_is_reported() -> None:
    async def well() -> None:
        return

    async def wrong() -> None:
        raise LookupError("no table")

    async def silent() -> None:
        await asyncio.get_running_loop().create_future()

    health = Health()
    for name, check in (("well", well), ("wrong", wrong), ("silent", silent)):
        health.add(name, check)
    assert await health.report(timeout_s=0.01) == {
        "well": "ok",
        "wrong": "LookupError: no table",
        "silent": "no answer in 0.01 s",
    }
