"""Media in a backup: the folder of blobs as one tar inside it."""

import tarfile
from pathlib import Path

from trunkline.cli.environment import Refused
from trunkline.cli.shell.progress import portion
from trunkline.runtime.blobs.port import BlobsError, checked
from trunkline.runtime.settings import Settings


def pack(settings: Settings, target: Path) -> bool:
    """Write the blobs of the media folder into `target`; False when there are none to write.

    Drafts are left out: they are of no use.
    """
    folder = settings.media_folder
    if settings.media_bucket or not folder.is_dir():
        return False
    paths = sorted(path for path in folder.glob("*/*") if not path.name.startswith("."))
    with tarfile.open(target, mode="w") as tar, portion("media") as tell:
        for number, path in enumerate(paths, 1):
            if path.is_file():
                tar.add(path, arcname=path.name, recursive=False)
            tell(number, len(paths))
    return True


def unpack(source: Path, settings: Settings) -> None:
    """Put blobs into the media folder; those that are there already are the same.

    Raises:
        Refused: the tar holds what no backup has.
    """
    total = source.stat().st_size
    with tarfile.open(source, mode="r:") as tar, portion("media") as tell:
        for member in tar:
            tell(member.offset_data, total)
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
