from trunkline.compliance.directory import Directory
from trunkline.compliance.enforce import (
    NOT_APPLICABLE,
    PROHIBITED,
    TOLLFREE_TO_CANADA,
    UNREGISTERED,
    UNREGISTERED_CAP,
    Enforcement,
    Limits,
)
from trunkline.compliance.model import (
    Attributes,
    Campaign,
    CampaignState,
    CampaignTexts,
    Link,
    Progress,
)
from trunkline.compliance.words import words_of

NOW = 1_767_225_600.0  # midnight UTC
MAIN = "MA1"
OURS = "14155550100"


def campaign(per_minute: int = 240, state: CampaignState = CampaignState.ACTIVE) -> Campaign:
    return Campaign(
        campaign_id="C1",
        main_auth_id=MAIN,
        account_id=MAIN,
        brand_id="B1",
        campaign_alias="",
        vertical="",
        usecase="MIXED",
        texts=CampaignTexts(
            optout_keywords="HALT, no", help_keywords="MORE", optout_message="We are silent now."
        ),
        attributes=Attributes(),
        state=state,
        per_minute=per_minute,
        due_at=None,
        created_at=NOW,
    )


def rules(one: Campaign | None = None, limits: Limits | None = None) -> Enforcement:
    directory = Directory()
    if one is not None:
        link = Link(
            number=OURS,
            campaign_id="C1",
            main_auth_id=MAIN,
            account_id=MAIN,
            state=Progress.COMPLETED,
            due_at=None,
            created_at=NOW,
        )
        directory.take_campaigns([], [one])
        directory.take_links([], [link])
    return Enforcement(directory, limits)


def test_only_north_american_traffic_is_judged() -> None:
    judge = rules().judge
    for sender, country in (
        (OURS, "GB"),
        ("447700900100", "US"),
        ("ACME", "US"),
        ("ALPHANUMERC", "US"),
        ("12345", "US"),
        (OURS, "CA"),
    ):
        assert judge(MAIN, sender, country, 1, NOW) == (NOT_APPLICABLE, 0, NOW)


def test_a_registered_number_has_its_campaigns_rate_and_the_surplus_waits() -> None:
    judge = rules(campaign(per_minute=60)).judge
    due = [judge(MAIN, OURS, "US", 1, NOW).due_at for _ in range(63)]
    assert due[:60] == [NOW] * 60
    assert due[60:] == [NOW + 1, NOW + 2, NOW + 3]
    later = judge(MAIN, OURS, "US", 2, NOW + 10)
    assert later == ("C1", 0, NOW + 10)


def test_a_number_of_another_account_or_of_a_campaign_that_failed_is_unregistered() -> None:
    assert rules(campaign()).judge("MA2", OURS, "US", 1, NOW).campaign_id == UNREGISTERED
    failed = rules(campaign(state=CampaignState.FAILED))
    assert failed.judge(MAIN, OURS, "US", 1, NOW).campaign_id == UNREGISTERED


def test_the_daily_cap_rolls_over_at_midnight() -> None:
    one = rules(limits=Limits(unregistered_per_day=3, unregistered_per_minute=6_000))
    noon = NOW + 43_200
    codes = [one.judge(MAIN, OURS, "US", 1, noon).error_code for _ in range(5)]
    assert codes == [0, 0, 0, UNREGISTERED_CAP, UNREGISTERED_CAP]
    assert one.judge(MAIN, "14155550101", "US", 1, noon).error_code == 0
    assert one.judge(MAIN, OURS, "US", 1, NOW + 86_399).error_code == UNREGISTERED_CAP
    assert one.judge(MAIN, OURS, "US", 1, NOW + 86_400).error_code == 0


def test_what_was_sent_before_a_restart_counts() -> None:
    one = rules(limits=Limits(unregistered_per_day=3))
    one.remember({OURS: 2}, NOW)
    codes = [one.judge(MAIN, OURS, "US", 1, NOW).error_code for _ in range(2)]
    assert codes == [0, UNREGISTERED_CAP]


def test_toll_free_numbers_must_be_verified_and_never_reach_canada() -> None:
    judge = rules().judge
    assert judge(MAIN, "18005550199", "US", 1, NOW).error_code == PROHIBITED
    assert judge(MAIN, "18885550199", "CA", 1, NOW).error_code == TOLLFREE_TO_CANADA


def test_a_campaign_has_words_and_answers_of_its_own() -> None:
    words = words_of(campaign())
    assert [words.intent(text) for text in (" halt ", "NO", "more", "stop", "")] == [
        "optout",
        "optout",
        "help",
        "",
        "",
    ]
    assert words.answers["optout"] == "We are silent now."
    assert words.answers["help"] == ""
