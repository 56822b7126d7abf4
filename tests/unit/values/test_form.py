"""Form encoding: what urllib makes of it, faster."""

from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trunkline.values.form import form_encoded

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=80)


@given(st.dictionaries(TEXTS, TEXTS))
def test_parameters_are_written_as_urllib_writes_them(params: dict[str, str]) -> None:
    assert form_encoded(params) == urlencode(params)


def test_a_lone_surrogate_is_no_text() -> None:
    with pytest.raises(UnicodeEncodeError):
        form_encoded({"Speech": "\ud83d"})
