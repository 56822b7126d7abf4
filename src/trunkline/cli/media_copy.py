"""Media in a backup: the folder of blobs as one tar inside it."""

import tarfile
from pathlib import Path

from trunkline.cli.environment import Refused
from trunkline.runtime.blobs.port import BlobsError, checked
from trunkline.runtime.settings import Settings


def pack(settings: Settings, target: Path) -> bool:
    """Write the blobs of the media folder into `target`; False when there are none to write."""
    folder = settings.media_folder
    if settings.media_bucket or not folder.is_dir():
        return False
    with tarfile.open(target, mode="w") as tar:
        for path in sorted(folder.glob("*/*")):
            if not path.name.startswith(".") and path.is_file():  # drafts are of no use
                tar.add(path, arcname=path.name, recursive=False)
    return True


def unpack(source: Path, settings: Settings) -> None:
    """Put blobs into the media folder; those that are there already are the same.

    Raises:
        Refused: the tar holds what no backup has.
    """
    with tarfile.open(source, mode="r:") as tar:
        for member in tar:
            try:
                name = checked(member.name)
            except BlobsError as error:
                raise Refused(f"the backup's media hold {member.name!r}") from error
            stream = tar.extractfile(member)
            if stream is None:
                raise Refused(f"the backup's media hold {member.name!r}, which is no file")
            target = settings.media_folder / name[-2:] / name
            target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            draft = target.with_name(f".{name}.restored")
            draft.write_bytes(stream.read())
            draft.chmod(0o600)
            draft.replace(target)
