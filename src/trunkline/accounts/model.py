"""Accounts and the scope of what one may see."""

from dataclasses import dataclass, field
from enum import StrEnum


class AccountType(StrEnum):
    """`developer` is a free trial."""

    STANDARD = "standard"
    DEVELOPER = "developer"


class BillingMode(StrEnum):
    """Whether sending stops when the balance is used up."""

    PREPAID = "prepaid"
    POSTPAID = "postpaid"


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose resources are meant: a main account's with all its subaccounts', or one subaccount's.

    A subaccount never sees what belongs to its main account or to a sibling.
    """

    main_auth_id: str
    subaccount_id: str | None = None

    @property
    def account_id(self) -> str:
        """The account that new resources belong to."""
        return self.subaccount_id or self.main_auth_id


@dataclass(frozen=True, slots=True)
class Account:
    """A main account or a subaccount.

    `main_enabled`, `billing_mode` and `auto_recharge` are the main account's, which pays for its
    subaccounts; everything else is the account's own. Times are unix seconds.
    """

    auth_id: str
    main_auth_id: str
    auth_token: str = field(repr=False)
    name: str
    enabled: bool
    main_enabled: bool
    account_type: AccountType
    billing_mode: BillingMode
    auto_recharge: bool
    address: str
    city: str
    state: str
    timezone: str
    created_at: float
    modified_at: float | None

    @property
    def is_subaccount(self) -> bool:
        return self.auth_id != self.main_auth_id

    @property
    def may_authenticate(self) -> bool:
        """A subaccount is shut out with its main account."""
        return self.enabled and self.main_enabled

    @property
    def scope(self) -> Scope:
        return Scope(self.main_auth_id, self.auth_id if self.is_subaccount else None)


@dataclass(frozen=True, slots=True)
class NewAccount:
    """What a main account starts with; ids and tokens that are not given are made up."""

    name: str
    auth_id: str | None = None
    auth_token: str | None = field(default=None, repr=False)
    account_type: AccountType = AccountType.STANDARD
    billing_mode: BillingMode = BillingMode.PREPAID
    timezone: str = "UTC"


@dataclass(frozen=True, slots=True)
class AccountChanges:
    """New values of an account's fields; None leaves one as it is."""

    name: str | None = None
    address: str | None = None
    city: str | None = None
    state: str | None = None
    timezone: str | None = None
    enabled: bool | None = None
    auto_recharge: bool | None = None
