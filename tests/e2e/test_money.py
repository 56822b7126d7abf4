"""Money in the whole program: published prices are those charged, and low credit is topped up."""

from collections.abc import Callable

from e2e_program import Program
from e2e_waiting import until


def test_an_account_is_topped_up_before_it_runs_dry(launch: Callable[..., Program]) -> None:
    program = launch(starting_credit="0.05000")
    api = program.api()
    api.call("PUT", f"/admin/accounts/{api.auth_id}/recharge", {"threshold": "1", "amount": "25"})
    until(lambda: api.credit() > 25 * 100_000, "the payment")
    assert api.get()["auto_recharge"] is True
    entries = api.get("/admin/ledger", account=api.auth_id, kind="recharge")["objects"]
    assert [entry["amount"] for entry in entries] == ["25.00000"]


def test_what_is_published_is_what_is_charged(launch: Callable[..., Program]) -> None:
    program = launch()
    api = program.api()
    rate = api.get("Pricing/", country_iso="DE")["message"]["outbound_networks_list"]
    networks = {one["group_name"]: one["rate"] for one in rate}
    record = api.final(api.send("4915112345678"))
    assert record["destination_network"] == "T-Mobile"
    assert (record["mcc"], record["mnc"]) == ("262", "01")
    assert record["total_rate"] == networks["Germany - T-Mobile"]
    assert record["is_domestic"] is False
    american = api.final(api.send("13035550123"))
    assert american["carrier_fees_rate"] == american["carrier_fees"] == "0.00300"
    used = api.get("/admin/usage", group="product", account=api.auth_id)["objects"]
    assert used[0]["product"] == "sms"
    assert used[0]["count"] >= 2


def test_barred_countries_and_the_route_to_india(launch: Callable[..., Program]) -> None:
    program = launch()
    api = program.api()
    page = f"/admin/accounts/{api.auth_id}/permissions"
    api.call("PUT", page, {"countries": ["US", "IN"], "india_dlt": True})
    refused = api.post("Message/", src="14155550100", dst="33612345678", text="Hi")
    assert refused.status == 403
    assert "FR" in refused["error"]
    uuids = api.send("33612345678<13035550123")
    states = {record["to_number"]: record for record in map(api.final, uuids)}
    assert states["33612345678"]["error_code"] == "450"
    assert states["33612345678"]["carrier_fees"] == "0.00000"
    assert states["13035550123"]["message_state"] == "delivered"
    assert api.final(api.send("919820012345"))["error_code"] == "160"
    dlt = {"dlt_entity_id": "1201159083000000001", "dlt_template_id": "1207161234567890123"}
    record = api.final(api.send("919820012345", dlt_template_category="promotional", **dlt))
    assert record["message_state"] == "delivered"
    assert record["is_domestic"] is True
    assert record["dlt_template_category"] == "promotional"
    assert {name: record[name] for name in dlt} == dlt
