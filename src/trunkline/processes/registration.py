"""US sender registration: its operations, the registry's clock, and the rules for messages."""

from collections.abc import Mapping

from trunkline.compliance.api import brands, campaigns, links, profiles, tollfree
from trunkline.compliance.api.desk import Desk
from trunkline.compliance.enforce import Enforcement, Limits
from trunkline.compliance.registrar import Registrar
from trunkline.compliance.simulated import SimulatedRegistry
from trunkline.compliance.store.owners import on_subaccount_delete
from trunkline.contract.context import Handler
from trunkline.processes.foundation import Foundation
from trunkline.runtime.supervise import WhenItFails

__all__ = ["handlers", "on_subaccount_delete", "start", "us_rules"]


def handlers(base: Foundation) -> Mapping[str, Handler]:
    """Return the handlers of every registration operation."""
    desk = Desk(
        db=base.db,
        registry=_registry(base),
        mirrors=(base.registrations, base.numbers),
    )
    return {
        **profiles.handlers(desk),
        **brands.handlers(desk),
        **campaigns.handlers(desk),
        **links.handlers(desk),
        **tollfree.handlers(desk),
    }


def start(base: Foundation) -> None:
    """Begin to decide what was submitted, when it is due."""
    registrar = Registrar(
        db=base.db,
        clock=base.clock,
        registry=_registry(base),
        mirrors=(base.registrations, base.numbers),
    )
    base.supervisor.start("registrar", registrar.run, when_it_fails=WhenItFails.RESTART)


def us_rules(base: Foundation) -> Enforcement | None:
    """Return the rules for messages to the US, if they are to be obeyed here."""
    settings = base.settings
    wanted = settings.simulator if settings.us_rules is None else settings.us_rules
    if not wanted:
        return None
    return Enforcement(
        base.registrations, Limits(unregistered_per_day=settings.unregistered_per_day)
    )


def _registry(base: Foundation) -> SimulatedRegistry:
    return SimulatedRegistry(base.settings.registry_delay_s)
