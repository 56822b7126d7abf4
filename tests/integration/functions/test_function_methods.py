"""`Plivo` and `AsyncPlivo`: names, credentials, and errors before anything is sent."""

import inspect

import pytest

from trunkline.functions import AsyncPlivo, FunctionError, Plivo, functions
from trunkline.functions.model import MissingArguments, UnknownArgument

NOBODY = "http://127.0.0.1:9"  # RFC 863, discard: nobody listens


@pytest.fixture(autouse=True)
def no_account(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("PLIVO_AUTH_ID", "PLIVO_AUTH_TOKEN", "TRUNKLINE_URL"):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize("owner", [Plivo, AsyncPlivo])
def test_every_function_is_a_method_under_both_names(owner: type) -> None:
    for one in functions():
        for name in (one.name, one.snake):
            method = getattr(owner, name)
            assert method.__name__ == name
            assert all(argument.name in inspect.getdoc(method) for argument in one.arguments)


def test_the_account_comes_from_arguments_or_the_environment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with pytest.raises(MissingArguments) as caught:
        Plivo.getEndpoints()
    assert caught.value.fields == ("authId", "authToken")
    with pytest.raises(MissingArguments, match="authToken"):
        Plivo("MA1").get_endpoints()
    monkeypatch.setenv("PLIVO_AUTH_ID", "MA1")
    monkeypatch.setenv("PLIVO_AUTH_TOKEN", "x")
    monkeypatch.setenv("TRUNKLINE_URL", NOBODY)
    for call in (Plivo.getEndpoints, Plivo().getEndpoints):
        with pytest.raises(FunctionError, match="nothing answers at") as none:
            call()
        assert (none.value.code, none.value.status) == ("INTERNAL_PACKAGE_ERROR", None)


async def test_the_same_is_awaited() -> None:
    async with AsyncPlivo("MA1", "x", NOBODY) as account:
        with pytest.raises(FunctionError, match="nothing answers"):
            await account.getEndpoints()
        with pytest.raises(UnknownArgument, match="getEndpoints has no argument"):
            await account.get_endpoints(token="x")
    with pytest.raises(MissingArguments):
        await AsyncPlivo.sendMessage(src="1", text="x")
