"""All SQL of numbers: `owned` (who has which), `inventory`, `carriers`, and their `tables`.

What other domains call is named here as `store.…`.
"""

from trunkline.numbers.store.owned import (
    TOPIC,
    OnRelease,
    add,
    assign_application,
    change,
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
    taken,
)

__all__ = [
    "TOPIC",
    "OnRelease",
    "add",
    "assign_application",
    "change",
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
    "taken",
]
