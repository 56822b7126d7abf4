"""Which store of blobs the settings ask for."""

from trunkline.runtime.blobs.folder import FolderBlobs
from trunkline.runtime.blobs.port import Blobs
from trunkline.runtime.settings import Settings


def open_blobs(settings: Settings) -> Blobs:
    """Open the store of media.

    Raises:
        BlobsError: its address cannot be used.
    """
    if not settings.media_bucket:
        return FolderBlobs(settings.media_folder)
    # Only who keeps media in S3 loads the driver, which is large.
    from trunkline.runtime.blobs.bucket import open_bucket  # noqa: PLC0415

    return open_bucket(
        settings.media_bucket,
        endpoint=settings.media_s3_endpoint,
        region=settings.media_s3_region,
        key_id=settings.media_s3_key_id,
        secret=settings.media_s3_secret,
    )
