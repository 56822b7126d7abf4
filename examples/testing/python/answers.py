"""What the program says to texts and calls, as Plivo XML."""

from typing import Any

from plivo import plivoxml

WORDS = {
    "menu": "Write BALANCE or HOURS.",
    "balance": "You have 12.50 dollars.",
    "hours": "We are here from 9 to 5.",
}
DEPARTMENTS = {"1": "sales", "2": "support"}


def on_text(params: dict[str, str]) -> Any:
    """Answer a text message by its first word."""
    word = params["Text"].strip().lower().split(" ")[0]
    text = WORDS.get(word, f"Sorry, nobody understands {word}.")
    message = plivoxml.MessageElement(text, src=params["To"], dst=params["From"])
    return plivoxml.ResponseElement().add(message)


class Menu:
    """A phone menu at one URL; `chosen` is what callers pressed."""

    def __init__(self) -> None:
        self.url = ""
        self.chosen: list[str] = []

    def answer(self, params: dict[str, str]) -> Any:
        """Ask for a department, or confirm it."""
        response = plivoxml.ResponseElement()
        if "Digits" not in params:
            ask = plivoxml.GetInputElement(
                action=self.url, method="POST", input_type="dtmf", num_digits=1
            )
            return response.add(ask.add_speak("Press 1 for sales, 2 for support."))
        self.chosen.append(params["Digits"])
        department = DEPARTMENTS.get(params["Digits"], "nobody")
        return response.add_speak(f"You are connected to {department}.").add_hangup()
