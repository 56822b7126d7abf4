"""The registry that ships: approves after a short delay, or does what magic values ask for.

A word in square brackets asks, in any case: `[reject]` or `[reject CODE]`, `[update required]`
(toll-free), `[pending]` (never decided), `[delay SECONDS]`, `[score 0–100]` (brands),
`[reject numbers]` (campaigns). It is looked for in a brand's company name, in every text of a
campaign and of a toll-free verification. The EIN 00-0000000 is refused as unknown.
"""

import re
from dataclasses import astuple, dataclass

from trunkline.compliance.model import (
    Action,
    Brand,
    Campaign,
    Link,
    TollfreeState,
    Verification,
)
from trunkline.compliance.registry import TollfreeVerdict, Verdict

DEFAULT_DELAY_S = 3.0
UPDATE_WITHIN_S = 6 * 86_400.0  # PLIVO toll-free verification: UPDATE_REQUIRED lasts 6 days
DEFAULT_SCORE = 80
UNKNOWN_EIN = "000000000"
LONGEST_DELAY_S = 365 * 86_400.0

_ORDER = re.compile(
    r"\[ *(reject numbers|update required|reject|pending|delay|score) *([^\]]*)\]", re.I
)
_LINK = re.compile(r"https?://|www\.|\b[a-z0-9-]+\.(?:com|net|org|io|ly|co)\b", re.I)
# PLIVO 10DLC: operators do not accept public URL shorteners.
_SHORTENER = re.compile(
    r"\b(?:bit\.ly|tinyurl\.com|goo\.gl|t\.co|ow\.ly|is\.gd|buff\.ly|rebrand\.ly)\b", re.I
)

_WHY = {
    "1001": "The description does not say what the campaign is for",
    "1002": "Public URL shorteners are not accepted",
    "1003": "Sample messages have links that the campaign did not declare",
    "1004": "The registry does not share this campaign",
    "2001": "The company could not be verified",
    "2002": "The EIN is not known to the tax authority",
    "3001": "The number could not be provisioned",
}


@dataclass(frozen=True, slots=True)
class SimulatedRegistry:
    """Decides from the submission alone, so the same one has the same outcome each time."""

    usual_delay_s: float = DEFAULT_DELAY_S

    def delay_s(self, submission: Brand | Campaign | Link | Verification) -> float | None:
        orders = _orders(_text_of(submission))
        if "pending" in orders:
            return None
        asked = orders.get("delay", "")
        if asked.isascii() and asked.isdigit():
            return min(float(asked), LONGEST_DELAY_S)
        return self.usual_delay_s

    def brand(self, brand: Brand) -> Verdict:
        orders = _orders(_text_of(brand))
        if "reject" in orders:
            return _refusal(orders["reject"], "2001")
        if brand.company.ein.replace("-", "") == UNKNOWN_EIN:
            return _refusal("", "2002")
        asked = orders.get("score", "")
        score = int(asked) if asked.isascii() and asked.isdigit() else DEFAULT_SCORE
        return Verdict(approved=True, score=min(score, 100))

    def campaign(self, campaign: Campaign, brand: Brand | None) -> Verdict:
        del brand
        orders = _orders(_text_of(campaign))
        if "reject" in orders:
            return _refusal(orders["reject"], "1001")
        if campaign.source == "shared" and "REJECT" in campaign.campaign_id:
            return _refusal("", "1004")
        samples = " ".join(campaign.texts.samples)
        if _SHORTENER.search(samples):
            return _refusal("", "1002")
        if _LINK.search(samples) and not campaign.attributes.embedded_link:
            return _refusal("", "1003")
        return Verdict(approved=True)

    def link(self, link: Link, campaign: Campaign) -> Verdict:
        if link.action is Action.LINK and "reject numbers" in _orders(_text_of(campaign)):
            return _refusal("", "3001")
        return Verdict(approved=True)

    def tollfree(self, verification: Verification) -> TollfreeVerdict:
        orders = _orders(_text_of(verification))
        if verification.state is TollfreeState.SUBMITTED:
            return TollfreeVerdict(TollfreeState.PROCESSING, "", self.usual_delay_s)
        if verification.state is TollfreeState.UPDATE_REQUIRED:
            return TollfreeVerdict(TollfreeState.REJECTED, "The request was not updated in time")
        if "reject" in orders:
            return TollfreeVerdict(TollfreeState.REJECTED, "The use case is not eligible")
        if "update required" in orders:
            return TollfreeVerdict(
                TollfreeState.UPDATE_REQUIRED,
                "The opt-in is not shown at the image URL",
                UPDATE_WITHIN_S,
            )
        return TollfreeVerdict(TollfreeState.APPROVED)


def _text_of(submission: Brand | Campaign | Link | Verification) -> str:
    match submission:
        case Brand():
            return submission.company.company_name
        case Campaign():
            return "\n".join((submission.campaign_alias, *astuple(submission.texts)))
        case Verification():
            return "\n".join(astuple(submission.details))
        case Link():
            return ""


def _orders(text: str) -> dict[str, str]:
    if "[" not in text:
        return {}
    return {what.lower(): value.strip() for what, value in _ORDER.findall(text)}


def _refusal(code: str, otherwise: str) -> Verdict:
    code = code[:16] or otherwise
    return Verdict(approved=False, code=code, reason=_WHY.get(code, "Refused by the registry"))
