"""The kinds of campaign, and what the networks grant to each (PLIVO 10DLC: get brand usecases)."""

from typing import Final, NamedTuple

STARTER: Final = "STARTER"
COMBINED: Final = frozenset({"MIXED", "LOW_VOLUME"})  # of 2 to 5 others


class UseCase(NamedTuple):
    """A kind of campaign."""

    code: str
    name: str
    details: str


_STANDARD = (
    UseCase(
        "2FA",
        "Two-Factor Authentication",
        "Any two-factor authentication with passcodes used to unlock accounts",
    ),
    UseCase(
        "ACCOUNT_NOTIFICATION",
        "Account Notification",
        "Notification sent to account holders about changes in accounts",
    ),
    UseCase(
        "CUSTOMER_CARE",
        "Customer Care",
        "Customer care interactions by the support and other customer-facing teams",
    ),
    UseCase(
        "DELIVERY_NOTIFICATION",
        "Delivery Notification",
        "Updates about the delivery of products and services",
    ),
    UseCase(
        "FRAUD_ALERT",
        "Fraud Alert",
        "Notifications of suspicious behavior identified the business",
    ),
    UseCase(
        "HIGHER_EDUCATION",
        "Higher Education",
        "Messages sent by colleges, universities, and other educational institutions",
    ),
    UseCase(
        "LOW_VOLUME",
        "Low Volume",
        "A combination of two to five standard usage cases - for low throughput requirements",
    ),
    UseCase("MARKETING", "Marketing", "Communications related to time-bound events and sales"),
    UseCase("MIXED", "Mixed", "A combination of two to five standard usage cases"),
    UseCase(
        "POLLING_VOTING",
        "Polling Voting",
        "Surveys, polling, and voting campaigns used for non-political purposes",
    ),
    UseCase(
        "PUBLIC_SERVICE_ANNOUNCEMENT",
        "Public Service Announcement",
        "Messages aimed at creating awareness about important topics",
    ),
    UseCase(
        "SECURITY_ALERT",
        "Security Alert",
        "Notifications that alert users about a potential breach of systems",
    ),
)
_STARTER = (UseCase(STARTER, "Starter", "Low-volume campaigns of starter brands"),)


class Grant(NamedTuple):
    """What a campaign may send: messages a minute, and the brand's tier at T-Mobile."""

    per_minute: int
    tier: str


def of_brand(brand_type: str) -> tuple[UseCase, ...]:
    """Return the kinds of campaign that a brand may have."""
    return _STARTER if brand_type == STARTER else _STANDARD


def grant(brand_type: str, usecase: str, score: int) -> Grant:
    """Return what the networks grant; a brand that was not vetted has score 0.

    PLIVO SDK fixtures: 15 a minute and SOLE_PROPRIETOR for starters, 240 and LOW unvetted, 4,500
    and TOP at 80; PLIVO 10DLC: 0.2 to 0.75 a second for low volume.
    """
    if brand_type == STARTER:
        return Grant(15, "SOLE_PROPRIETOR")
    if score >= 75:
        best = Grant(4_500, "TOP")
    elif score >= 50:
        best = Grant(2_400, "HIGH_MID")
    else:
        best = Grant(240, "LOW_MID" if score >= 25 else "LOW")
    return best._replace(per_minute=45) if usecase == "LOW_VOLUME" else best
