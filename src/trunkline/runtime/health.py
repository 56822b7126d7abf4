"""Whether the process can do its work, asked part by part."""

import asyncio
from collections.abc import Awaitable, Callable

OK = "ok"

Check = Callable[[], Awaitable[None]]


class Health:
    """Named checks; one that raises or takes too long is not well."""

    def __init__(self) -> None:
        self._checks: dict[str, Check] = {}
        self._vital: set[str] = set()

    def add(self, name: str, check: Check, *, vital: bool = True) -> None:
        """Register a check: it returns when all is well and raises with the reason otherwise.

        Without one that is not vital the process can do most of its work.
        """
        self._checks[name] = check
        if vital:
            self._vital.add(name)

    async def ready(self) -> tuple[bool, list[str]]:
        """Tell whether all that is vital is well, and the names of what is not well."""
        ailing = [name for name, why in (await self.report()).items() if why != OK]
        return self._vital.isdisjoint(ailing), ailing

    async def report(self, timeout_s: float = 2.0) -> dict[str, str]:
        """Run all checks at once; give "ok" or the reason by name."""
        names = list(self._checks)
        results = await asyncio.gather(*(_run(self._checks[name], timeout_s) for name in names))
        return dict(zip(names, results, strict=True))


async def _run(check: Check, timeout_s: float) -> str:
    try:
        async with asyncio.timeout(timeout_s):
            await check()
    except TimeoutError:
        return f"no answer in {timeout_s:g} s"
    except Exception as error:  # noqa: BLE001 - edge: whatever is wrong is the answer
        return f"{type(error).__name__}: {error}"
    return OK
