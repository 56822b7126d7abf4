"""Faults by rule: what numbers of one owner send to ordinary destinations goes as to a magic one.

So a test gets an outcome for the destination that its application uses, and no other test sees it.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import count
from typing import Final, Literal

Kind = Literal["message", "call"]
ANY: Final = "*"
MOST_RULES: Final = 100
"""Of one owner; further ones are refused."""


class TooManyRules(Exception):
    """The owner has MOST_RULES already."""


@dataclass(frozen=True, slots=True)
class Rule:
    """What `owner` sends to `to` (digits, or ANY) goes as if to `like`, a magic destination.

    `times` is how many submits or calls it still holds for, None = for all. A long message has a
    submit for each part, and one that is sent again has another.
    """

    id: int
    owner: str
    kind: Kind
    to: str
    like: str
    times: int | None


class Rules:
    """The rules of all owners; the newest that fits is obeyed."""

    def __init__(self) -> None:
        self.owner_of: Callable[[str], str] = lambda _: ""
        """Whose a number is, "" = nobody's; set by whoever knows."""
        self._ids = count(1)
        self._rules: dict[str, list[Rule]] = {}

    def add(self, owner: str, kind: Kind, to: str, like: str, times: int | None = None) -> Rule:
        """Keep a rule; raises TooManyRules."""
        if len(self._rules.get(owner, ())) >= MOST_RULES:
            raise TooManyRules(f"there are {MOST_RULES} rules already")
        rule = Rule(next(self._ids), owner, kind, to, like, times)
        self._rules.setdefault(owner, []).append(rule)
        return rule

    def of(self, owner: str) -> list[Rule]:
        """Return an owner's rules, the oldest first."""
        return list(self._rules.get(owner, ()))

    def remove(self, owner: str, rule_id: int | None = None) -> int:
        """Forget one rule of an owner, or all; return how many that were."""
        before = self._rules.pop(owner, [])
        left = [rule for rule in before if rule_id not in (None, rule.id)]
        if left:
            self._rules[owner] = left
        return len(before) - len(left)

    def stand_in(self, kind: Kind, sender: str, destination: str) -> str:
        """Return the destination whose outcome is wanted: mostly the one that was given."""
        if not self._rules:
            return destination
        owner = self.owner_of(sender.removeprefix("+"))
        digits = destination.removeprefix("+")
        for rule in reversed(self._rules.get(owner, ())):
            if rule.kind == kind and rule.to in (ANY, digits):
                self._use(rule)
                return rule.like
        return destination

    def _use(self, rule: Rule) -> None:
        if rule.times is None:
            return
        rules = self._rules[rule.owner]
        if rule.times > 1:
            rules[rules.index(rule)] = replace(rule, times=rule.times - 1)
        else:
            self.remove(rule.owner, rule.id)
