"""What a minute of a call costs: the longest prefix of the called number decides."""

from collections.abc import Iterable

from trunkline.billing.model import VoicePrice


class VoiceRates:
    """Outbound prices by the called number's prefix, then by the caller's."""

    def __init__(self, prices: Iterable[VoicePrice] = ()) -> None:
        self._prefixes: dict[str, dict[str, VoicePrice]] = {}
        for price in prices:
            for prefix in price.prefixes:
                callers = self._prefixes.setdefault(prefix, {})
                callers.update(dict.fromkeys(price.origins or ("",), price))
        self._longest = max(map(len, self._prefixes), default=0)
        self._longest_origin = max(
            (len(one) for callers in self._prefixes.values() for one in callers), default=0
        )

    def find(self, number: str, caller: str = "") -> VoicePrice | None:
        """Return the price of the longest prefix of `number` that has one for this caller."""
        for length in range(min(self._longest, len(number)), 0, -1):
            callers = self._prefixes.get(number[:length])
            if callers is not None and (found := self._of_caller(callers, caller)) is not None:
                return found
        return None

    def _of_caller(self, callers: dict[str, VoicePrice], caller: str) -> VoicePrice | None:
        for length in range(min(self._longest_origin, len(caller)), 0, -1):
            found = callers.get(caller[:length])
            if found is not None:
                return found
        return callers.get("")
