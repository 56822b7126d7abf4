"""The data folder: private, and one program's at a time."""

import os
import subprocess
import sys
from pathlib import Path
from subprocess import PIPE

import pytest

from trunkline.runtime.folder import Claim, FolderInUse, FolderUnusable, prepare


def test_a_new_folder_is_private(tmp_path: Path) -> None:
    prepare(tmp_path / "a" / "data")
    assert (tmp_path / "a" / "data").stat().st_mode & 0o777 == 0o700


def test_a_file_is_no_folder(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("")
    with pytest.raises(FolderUnusable):
        prepare(tmp_path / "data")


def test_a_second_claim_is_refused_and_names_the_first(tmp_path: Path) -> None:
    with Claim(tmp_path):
        with pytest.raises(FolderInUse, match=str(os.getpid())):
            Claim(tmp_path)
        with pytest.raises(FolderInUse, match=str(os.getpid())):
            Claim(tmp_path)  # the refused one did not harm the claim
    Claim(tmp_path).close()


def test_the_claim_ends_with_its_process(tmp_path: Path) -> None:
    program = (
        "import sys, pathlib; from trunkline.runtime.folder import Claim;"
        "claim = Claim(pathlib.Path(sys.argv[1])); print('held', flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program, str(tmp_path)], stdin=PIPE, stdout=PIPE, text=True
    ) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "held\n"
        with pytest.raises(FolderInUse, match=str(child.pid)):
            Claim(tmp_path)
        child.kill()
    Claim(tmp_path).close()
