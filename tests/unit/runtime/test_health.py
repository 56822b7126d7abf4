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


async def test_what_is_not_vital_is_told_of_and_does_no_harm() -> None:
    async def wrong() -> None:
        raise LookupError("no table")

    health = Health()
    health.add("bus", wrong, vital=False)
    assert await health.ready() == (True, ["bus"])
    health.add("database", wrong)
    assert await health.ready() == (False, ["bus", "database"])
