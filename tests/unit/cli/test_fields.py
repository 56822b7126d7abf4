"""Fields of operations on the command line, made from the contract."""

import pytest

from trunkline.cli.environment import Refused
from trunkline.cli.remote.fields import fields_of, read_arguments
from trunkline.contract.catalog import OPERATIONS, operation

CREATE = operation("message.create")


def test_pairs_and_equals_are_the_same() -> None:
    expected = {"src": "14155550100", "dst": "14155550123", "text": "a=b"}
    split = ["--src", "14155550100", "--dst", "14155550123", "--text", "a=b"]
    joined = ["--src=14155550100", "--dst=14155550123", "--text=a=b"]
    assert read_arguments(CREATE, split) == expected
    assert read_arguments(CREATE, joined) == expected


def test_dashes_and_json() -> None:
    arguments = ["--dst", "1", "--media-urls", '["http://a.test/1"]', "--template", '{"name": "x"}']
    found = read_arguments(CREATE, arguments)
    assert found["media_urls"] == ["http://a.test/1"]
    assert found["template"] == {"name": "x"}


def test_text_that_looks_like_json_stays_text() -> None:
    assert read_arguments(CREATE, ["--dst", "1", "--text", "[1]"])["text"] == "[1]"


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["--dst", "1", "--tekst", "hi"], "did you mean --text"),
        (["--dst", "1", "--text"], "--text needs a value"),
        (["dst", "1"], "write fields as --name value"),
        (["--text", "hi"], "needs --dst"),
        (["--dst", "1", "--template", "{"], "--template: "),
    ],
)
def test_what_cannot_be_meant_is_refused(arguments: list[str], expected: str) -> None:
    with pytest.raises(Refused, match=expected):
        read_arguments(CREATE, arguments)


@pytest.mark.parametrize("one", OPERATIONS, ids=lambda one: one.id)
def test_every_operation_has_fields_that_are_its_request(one) -> None:
    assert [field.name for field in fields_of(one)] == list(one.request.__struct_encode_fields__)


def test_documents_come_from_the_contract() -> None:
    docs = {field.name: field for field in fields_of(CREATE)}
    assert docs["dst"].required
    assert not docs["text"].required
    assert "1,600" in docs["text"].doc
    assert docs["media_urls"].structured
