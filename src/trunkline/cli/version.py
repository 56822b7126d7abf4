"""`trunkline version`."""

import platform
import sys

from trunkline.cli.environment import output, version_text
from trunkline.runtime.db.dump import sqlite_version


def version() -> None:
    """Print the versions that matter in a bug report."""
    output.print(f"trunkline {version_text()}", highlight=False)
    output.print(
        f"python {platform.python_version()}, sqlite {sqlite_version()}, {sys.platform}",
        highlight=False,
    )
