"""The class decorator of every PDU and event."""

from dataclasses import dataclass
from typing import TypeVar, dataclass_transform

T = TypeVar("T")


@dataclass_transform(frozen_default=True, kw_only_default=True)
def record(cls: type[T]) -> type[T]:
    """Make a slotted, keyword-only dataclass that is frozen for the type checker.

    At run time nothing guards the attributes: a frozen `__init__` goes through
    `object.__setattr__` for each field, which is two thirds of the cost of making a deliver_sm.
    """
    return dataclass(slots=True, kw_only=True, unsafe_hash=True)(cls)
