"""The child of a process that dies ends without a word, whatever it was doing."""

import os
import threading
from collections.abc import Iterator

import pytest

from trunkline.engines.speech.serving import LENGTH, _read, _write


@pytest.fixture
def pipe() -> Iterator[tuple[int, int]]:
    ends = os.pipe()
    yield ends
    for end in ends:
        try:
            os.close(end)
        except OSError:
            continue  # the test closed it


def test_an_answer_longer_than_a_pipe_arrives_whole(pipe: tuple[int, int]) -> None:
    mine, theirs = pipe
    answer = bytes(range(256)) * 2_000
    writer = threading.Thread(target=_write, args=(theirs, answer))
    writer.start()
    with os.fdopen(os.dup(mine), "rb") as answers:
        assert _read(answers) == answer
    writer.join()


@pytest.mark.parametrize("cut", [0, 2, LENGTH.size, LENGTH.size + 3])
def test_a_request_that_breaks_off_is_none(pipe: tuple[int, int], cut: int) -> None:
    mine, theirs = pipe
    os.write(theirs, (LENGTH.pack(5) + b"hello")[:cut])
    os.close(theirs)
    with os.fdopen(os.dup(mine), "rb") as requests:
        assert _read(requests) is None
