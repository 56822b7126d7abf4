"""Who may send which request in which session state (SMPP34 2.2, table 2-1)."""

from enum import Enum
from typing import Final

from trunkline.protocols.smpp import commands


class Role(Enum):
    """A side of the session."""

    ESME = "esme"
    SMSC = "smsc"

    @property
    def peer(self) -> "Role":
        return Role.SMSC if self is Role.ESME else Role.ESME


class State(Enum):
    """Where a session stands."""

    OPEN = "open"
    BOUND_TX = "bound_tx"
    BOUND_RX = "bound_rx"
    BOUND_TRX = "bound_trx"
    UNBOUND = "unbound"
    CLOSED = "closed"

    @property
    def bound(self) -> bool:
        return self in _BOUND


_BOUND: Final = frozenset({State.BOUND_TX, State.BOUND_RX, State.BOUND_TRX})

BOUND_BY: Final[dict[int, State]] = {
    commands.BIND_TRANSMITTER: State.BOUND_TX,
    commands.BIND_RECEIVER: State.BOUND_RX,
    commands.BIND_TRANSCEIVER: State.BOUND_TRX,
}
"""A bind request to the state its success leads to."""

_SUBMITS: Final = frozenset(
    {
        *(commands.SUBMIT_SM, commands.SUBMIT_MULTI, commands.DATA_SM),
        *(commands.QUERY_SM, commands.CANCEL_SM, commands.REPLACE_SM),
    }
)
_DELIVERS: Final = frozenset({commands.DELIVER_SM, commands.DATA_SM, commands.ALERT_NOTIFICATION})
_EITHER: Final = frozenset({commands.ENQUIRE_LINK, commands.UNBIND})
# SMPP34 table 2-1 has enquire_link in bound states only; every stack also answers it before the
# bind and after the unbind, and monitors rely on that.
_ALWAYS: Final = frozenset({commands.ENQUIRE_LINK})
_NOTHING: Final[frozenset[int]] = frozenset()

_TABLE: Final[dict[tuple[Role, State], frozenset[int]]] = {
    (Role.ESME, State.OPEN): frozenset(BOUND_BY) | _ALWAYS,
    (Role.ESME, State.BOUND_TX): _SUBMITS | _EITHER,
    (Role.ESME, State.BOUND_RX): _EITHER,
    (Role.ESME, State.BOUND_TRX): _SUBMITS | _EITHER,
    (Role.ESME, State.UNBOUND): _ALWAYS,
    (Role.SMSC, State.OPEN): frozenset({commands.OUTBIND}) | _ALWAYS,
    (Role.SMSC, State.BOUND_TX): _EITHER,
    (Role.SMSC, State.BOUND_RX): _DELIVERS | _EITHER,
    (Role.SMSC, State.BOUND_TRX): _DELIVERS | _EITHER,
    (Role.SMSC, State.UNBOUND): _ALWAYS,
}


def may_send(role: Role, state: State) -> frozenset[int]:
    """The command_ids of the requests this side may send now."""
    return _TABLE.get((role, state), _NOTHING)


def may_receive(role: Role, state: State) -> frozenset[int]:
    """The command_ids of the requests this side has to take now."""
    return _TABLE.get((role.peer, state), _NOTHING)
