"""One-time codes by SMS: sent, checked, and not sent to numbers that cannot be reached."""

import secrets
from dataclasses import dataclass, field
from typing import Any

TEXTS = {
    "en": "Your code is {code}. Do not share it.",
    "de": "Ihr Code ist {code}. Geben Sie ihn niemandem.",
    "fr": "Votre code est {code}. Ne le donnez à personne.",
    "el": "Ο κωδικός σας είναι {code}.",
    "hi": "आपका कोड {code} है।",
    "ja": "コードは {code} です。",
}


@dataclass
class Codes:
    """Sends from `sender` by a client of the Plivo SDK; `status_url` is told what became of it."""

    client: Any
    sender: str
    status_url: str = ""
    _codes: dict[str, str] = field(default_factory=dict)
    unreachable: dict[str, str] = field(default_factory=dict)

    def send(self, phone: str, language: str = "en") -> str:
        """Send a new code; the old one holds no longer."""
        if phone in self.unreachable:
            raise ValueError(f"{phone} cannot be reached")
        code = self._codes[phone] = f"{secrets.randbelow(1_000_000):06d}"
        more = {"url": self.status_url} if self.status_url else {}
        text = TEXTS[language].format(code=code)
        answer = self.client.messages.create(src=self.sender, dst=phone, text=text, **more)
        return answer.message_uuid[0]

    def check(self, phone: str, code: str) -> bool:
        """Tell whether that is the phone's code; it holds once."""
        if not secrets.compare_digest(self._codes.get(phone, ""), code) or not code:
            return False
        del self._codes[phone]
        return True

    def on_status(self, params: dict[str, str]) -> None:
        """Take note of a delivery report."""
        if params["Status"] in ("undelivered", "failed"):
            self.unreachable[params["To"]] = params["ErrorCode"]
