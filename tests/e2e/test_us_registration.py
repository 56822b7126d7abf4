"""From a profile to a registered number, over HTTP, and what registration changes for messages."""

from collections.abc import Callable
from typing import Any

from e2e_api import Api
from e2e_program import Program
from e2e_sink import Sink
from e2e_waiting import until

ONE, TWO, THREE = "14155550100", "14155550101", "12125550102"
TOLL_FREE = "18005550199"
COMPANY = {
    "profile_alias": "acme",
    "customer_type": "DIRECT",
    "entity_type": "PRIVATE",
    "company_name": "Acme Inc. [reject]",
    "vertical": "RETAIL",
    "ein": "123456789",
    "ein_issuing_country": "US",
    "address": {
        "street": "660 Broadway",
        "city": "New York",
        "state": "NY",
        "postal_code": "10001",
        "country": "US",
    },
    "authorized_contact": {
        "first_name": "John",
        "last_name": "Doe",
        "email": "john@example.com",
        "phone": "12125551234",
    },
}
CAMPAIGN = {
    "campaign_alias": "orders",
    "vertical": "RETAIL",
    "usecase": "DELIVERY_NOTIFICATION",
    "description": "Tells customers when their order leaves and when it arrives.",
    "sample1": "Your order 1234 has left our warehouse.",
    "sample2": "Your order 1234 will arrive today before 18:00.",
    "message_flow": "Customers tick a box in the order form that asks for text messages.",
    "help_message": "Acme: call 1 800 555 0199 for help.",
    "optout_message": "Acme: you will receive no more messages.",
    "subscriber_optin": True,
    "subscriber_optout": True,
    "subscriber_help": True,
    "direct_lending": False,
    "embedded_link": False,
    "embedded_phone": False,
    "age_gated": False,
    "affiliate_marketing": False,
}


def register(api: Api, sink: Sink) -> str:
    """Register a company, refused at first, and a campaign with two numbers; return its id."""
    profile = api.post("Profile/", **COMPANY)["profile_uuid"]
    brand = api.post(
        "10dlc/Brand/",
        brand_alias="acme",
        profile_uuid=profile,
        brand_type="STANDARD",
        url=sink.url("/brand"),
    )["brand_id"]

    def is_brand(state: str) -> bool:
        return api.get(f"10dlc/Brand/{brand}/")["brand"]["registration_status"] == state

    until(lambda: is_brand("FAILED"), "the refusal")
    api.post(f"Profile/{profile}/", company_name="Acme Inc.")
    until(lambda: is_brand("COMPLETED"), "the registration")
    campaign = api.post("10dlc/Campaign/", brand_id=brand, **CAMPAIGN)["campaign_id"]
    api.post(f"10dlc/Campaign/{campaign}/Number/", numbers=[ONE, TWO])
    until(
        lambda: (
            api.get(f"10dlc/Campaign/{campaign}/Number/")["phone_numbers_summary"]
            == {"COMPLETED": 2}
        ),
        "the numbers",
    )
    return str(campaign)


def test_a_campaigns_stop_silences_all_its_numbers(
    launch: Callable[..., Program], sink: Sink, handset: str
) -> None:
    program = launch(registry_delay_s="0.2")
    api = program.api()
    campaign = register(api, sink)
    until(lambda: len(sink.at("/brand")) == 4, "the callbacks")
    told = [one.params["status"] for one in sink.at("/brand")]
    assert sink.seen[0].is_signed_by(program.auth_token)
    assert told == ["created", "rejected", "created", "registered"]

    def final(sender: str) -> Any:
        return api.final(api.send(handset, "Hello", src=sender))

    record = final(ONE)
    assert record["message_state"] == "delivered"
    assert record["tendlc_campaign_id"] == campaign
    assert record["tendlc_registration_status"] == "registered"
    program.handset_sends(handset, ONE, "STOP")
    until(lambda: len(program.handset(handset)) == 2, "the confirmation")
    assert program.handset(handset)[-1]["text"] == CAMPAIGN["optout_message"]
    assert [final(one)["error_code"] for one in (ONE, TWO)] == ["200", "200"]
    assert final(THREE)["message_state"] == "delivered"
    program.handset_sends(handset, TWO, "START")
    until(lambda: len(program.handset(handset)) == 4, "the confirmation")
    assert [final(one)["message_state"] for one in (ONE, TWO)] == ["delivered", "delivered"]
    found = api.get(
        "Message/", tendlc_campaign_id=campaign, tendlc_registration_status="registered"
    )
    assert found["meta"]["total_count"] > 0


def test_unregistered_numbers_have_a_daily_cap_that_survives_a_restart(
    launch: Callable[..., Program], handset: str
) -> None:
    program = launch(unregistered_per_day="2")

    def codes(number: int) -> list[tuple[str, str]]:
        api = program.api()
        records = [api.final(api.send(handset, "Hello", src="14155559999")) for _ in range(number)]
        assert {one["tendlc_registration_status"] for one in records} == {"unregistered"}
        return [(one["message_state"], one["error_code"]) for one in records]

    assert codes(1) == [("delivered", "000")]
    program.kill()
    program.start()
    assert codes(2) == [("delivered", "000"), ("failed", "950")]


def test_toll_free_numbers_send_once_they_are_verified(program: Program, handset: str) -> None:
    api = program.api()
    record = api.final(api.send(handset, "Hello", src="18885550199"))
    assert (record["message_state"], record["error_code"]) == ("failed", "100")
    record = api.final(api.send(handset, "Hello", src=TOLL_FREE))
    assert record["message_state"] == "delivered"
    assert record["tendlc_registration_status"] == "not_applicable"
