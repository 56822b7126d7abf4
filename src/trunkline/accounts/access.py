"""Who may call the API, and for whom."""

from trunkline.accounts.directory import Directory
from trunkline.accounts.model import Scope
from trunkline.contract.context import Principal, RequestContext


class AccountAuthenticator:
    """Answers the HTTP layer's questions about credentials from memory."""

    def __init__(self, directory: Directory) -> None:
        self._directory = directory

    def authenticate(self, auth_id: str, token: str) -> Principal | None:
        """Return whose credentials these are, None if nobody's or if the account is disabled."""
        account = self._directory.authenticate(auth_id, token)
        return None if account is None else self._directory.principal(account.auth_id)

    def may_act_for(self, principal: Principal, auth_id: str) -> bool:
        """Tell whether `principal` is a main account and `auth_id` a subaccount of its own."""
        if principal.is_subaccount:
            return False
        return self._directory.subaccount(principal.auth_id, auth_id) is not None


def scope_of(context: RequestContext) -> Scope:
    """Return whose resources a request may touch: those of the account in its path."""
    main = context.principal.main_auth_id
    return Scope(main, None if context.account_id == main else context.account_id)
