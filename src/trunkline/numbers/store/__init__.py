"""All SQL of numbers: `owned` (who has which), `tables` (all of them).

What other domains call is named here as `store.…`.
"""

from trunkline.numbers.store.owned import (
    TOPIC,
    OnRelease,
    add,
    assign_application,
    changed_since,
    find,
    list_owned,
    on_application_delete,
    on_subaccount_delete,
    release,
    remove,
    set_campaign,
    set_compliance,
    set_tollfree,
)

__all__ = [
    "TOPIC",
    "OnRelease",
    "add",
    "assign_application",
    "changed_since",
    "find",
    "list_owned",
    "on_application_delete",
    "on_subaccount_delete",
    "release",
    "remove",
    "set_campaign",
    "set_compliance",
    "set_tollfree",
]
