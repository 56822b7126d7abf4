"""Whether an account can pay for a message that is about to leave."""

from trunkline.billing.balances import Balances


class Credit:
    """Balances less what is on its way to carriers; shared by all lanes of a process."""

    def __init__(self, balances: Balances) -> None:
        self._balances = balances
        self._reserved: dict[str, int] = {}

    def reserve(self, payer: str, amount: int) -> bool:
        """Set `amount` aside until it is charged or released; False when it is not there."""
        if amount == 0:
            return True
        reserved = self._reserved.get(payer, 0) + amount
        if reserved > self._balances.spendable(payer):
            return False
        self._reserved[payer] = reserved
        return True

    def release(self, payer: str, amount: int) -> None:
        """The message did not leave: nothing is charged."""
        left = self._reserved.get(payer, 0) - amount
        if left > 0:
            self._reserved[payer] = left
        else:
            self._reserved.pop(payer, None)

    def charged(self, payer: str, amount: int) -> None:
        """The charge is committed."""
        self._balances.charged({payer: amount})
        self.release(payer, amount)
