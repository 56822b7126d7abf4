"""Numbers: search one, rent it, receive by it, pay for it each month, give it back."""

import http.client
from base64 import b64encode
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from e2e_api import Api
from e2e_program import Program
from e2e_waiting import until

DAY = 86_400.0


@pytest.fixture(scope="module")
def rental(
    new_database: Callable[[], str | None], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Program]:
    """The program with its time standing still."""
    folder = tmp_path_factory.mktemp("rental")
    started = Program(folder, new_database(), {}, ("--clock", "controlled")).start()
    yield started
    assert started.stop() == 0


@pytest.fixture
def tenant(rental: Program) -> Iterator[Api]:
    client = rental.api()
    yield client
    client.close()


def bodiless_post(program: Program, path: str) -> int:
    """POST as the function package does: with no body at all."""
    host = program.url.removeprefix("http://")
    token = b64encode(f"{program.auth_id}:{program.auth_token}".encode()).decode()
    connection = http.client.HTTPConnection(host, timeout=20)
    connection.request("POST", path, headers={"Authorization": f"Basic {token}"})
    status = connection.getresponse().status
    connection.close()
    return status


def test_a_number_is_found_rented_used_paid_and_given_back(
    rental: Program, tenant: Api, handset: str
) -> None:
    found = tenant.get("PhoneNumber/", country_iso="US", pattern="206", services="sms,voice")
    number = found["objects"][0]["number"]
    assert found["objects"][0]["city"] == "Seattle"
    before = tenant.credit()
    bought = tenant.post(f"PhoneNumber/{number}/")
    assert (bought.status, bought["status"]) == (202, "fulfilled")
    again = tenant.post(f"PhoneNumber/{number}/")
    assert again.status == 400
    owned = tenant.get(f"Number/{number}/")
    rent = owned["monthly_rental_rate"]
    assert 0 < before - tenant.credit() <= round(float(rent) * 100_000)
    assert rental.handset_sends(handset, number, "hello").status == 202
    until(lambda: tenant.records(to_number=number), "the message")
    renewal = owned["renewal_date"]
    cash = tenant.credit()
    rental.advance(31 * DAY)  # past the first of the next month, and never past two
    until(
        lambda: tenant.get(f"Number/{number}/")["renewal_date"] > renewal,
        "the renewal",
    )
    assert cash - tenant.credit() == round(float(rent) * 100_000)
    path = f"{tenant.root}Number/{number}/"
    assert bodiless_post(rental, path) == 204
    assert tenant.get(f"Number/{number}/").status == 404
    listed = tenant.get("PhoneNumber/", country_iso="US", pattern=number[1:])
    assert listed["meta"]["total_count"] == 1


def test_a_subaccounts_applications_and_numbers_share_its_fate(tenant: Api) -> None:
    for cascade, left in ((False, 200), (True, 404)):
        sub = tenant.post("Subaccount/", name="Berlin", enabled=True)["auth_id"]
        application = tenant.post("Application/", app_name="a", subaccount=sub)["app_id"]
        number = tenant.get("PhoneNumber/", country_iso="CA")["objects"][0]["number"]
        assert tenant.post(f"PhoneNumber/{number}/", app_id=application).status == 202
        assert tenant.post(f"Number/{number}/", subaccount=sub, alias="desk").status == 202
        assert tenant.delete(f"Subaccount/{sub}/", cascade=cascade).status == 204
        assert tenant.get(f"Number/{number}/").status == left
        assert tenant.get(f"Application/{application}/").status == left


def test_the_operator_imports_numbers(rental: Program, tenant: Api, tmp_path: Path) -> None:
    file = tmp_path / "stock.csv"
    file.write_text("number,type,services,city,monthly_rate\n420224000001,local,sms,Praha,1.5\n")
    rental.cli("numbers", "import", str(file))
    rental.cli("numbers", "import", str(file))
    found = tenant.get("PhoneNumber/", country_iso="CZ", city="praha")
    assert [one["number"] for one in found["objects"]] == ["420224000001"]
    assert found["objects"][0]["monthly_rental_rate"] == "1.50000"
    file.write_text("number,type,services\n420224000002,local,fax\n")
    refused = rental.cli("numbers", "import", str(file), check=False)
    assert refused.returncode != 0
    assert "line 2, column services" in refused.stdout + refused.stderr
