"""A campaign's own opt-out, opt-in and help words, and its answers to them."""

from dataclasses import dataclass
from functools import lru_cache

from trunkline.compliance.model import Campaign, CampaignTexts


@dataclass(frozen=True, slots=True)
class CampaignWords:
    """The answers are "" where the campaign has none of its own."""

    intents: dict[str, str]  # an upper-case word to optout, optin or help
    answers: dict[str, str]

    def intent(self, text: str) -> str:
        """Name what a message asks for with a word of the campaign's own, or ""."""
        return self.intents.get(text.strip().upper(), "")


def words_of(campaign: Campaign) -> CampaignWords:
    """Return the words and answers of a campaign."""
    return _words(campaign.texts)


@lru_cache(maxsize=1_024)
def _words(texts: CampaignTexts) -> CampaignWords:
    chosen = {
        "help": texts.help_keywords,
        "optin": texts.optin_keywords,
        "optout": texts.optout_keywords,  # last: a word that is in two lists opts out
    }
    intents = {
        word.strip().upper(): intent
        for intent, words in chosen.items()
        for word in words.split(",")
        if word.strip()
    }
    answers = {
        "optout": texts.optout_message,
        "optin": texts.optin_message,
        "help": texts.help_message,
    }
    return CampaignWords(intents, answers)
