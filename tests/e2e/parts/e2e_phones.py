"""Phones of an account: endpoints of the program that baresip plays."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from baresip import Audio, Baresip
from e2e_api import Api
from e2e_program import Program

PASSWORD = "telephone"
NewPhone = Callable[..., Baresip]


@pytest.fixture
def new_phone(program: Program, api: Api) -> Iterator[NewPhone]:
    """Give a function that makes an endpoint and starts baresip as it, registered."""
    made: list[Baresip] = []

    def make(name: str, *, sound: Audio | None = None, app_id: str = "", **more: Any) -> Baresip:
        wanted = {"username": name, "password": PASSWORD, "alias": name}
        if app_id:
            wanted["app_id"] = app_id
        created = api.post("Endpoint/", **wanted)
        assert created.status == 201, created
        phone = Baresip(created["username"], PASSWORD, program.sip, sound=sound, **more)
        made.append(phone)
        return phone.start()

    yield make
    for phone in made:
        phone.stop()
