"""Addresses of recordings: signed, so that whoever was given one needs no login."""

from trunkline.messaging.media.links import Links
from trunkline.voice.recordings.model import Recording

PATH = "/media/Account/{account_id}/Recording/{file_name}"


def url_of(links: Links, one: Recording, now: float) -> str:
    """Make the address of a recording's audio."""
    return links.address(path_of(one.account_id, one.file_name), now)


def path_of(account_id: str, file_name: str) -> str:
    """Return the path under which a file is served."""
    return PATH.format(account_id=account_id, file_name=file_name)
