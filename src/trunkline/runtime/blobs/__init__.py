"""Where bodies too large for the database are kept: a folder, or an S3 bucket.

`Blobs` is the port, `open_blobs` chooses what stands behind it by the settings.
"""

from trunkline.runtime.blobs.choose import open_blobs
from trunkline.runtime.blobs.port import Blobs, BlobsError

__all__ = ["Blobs", "BlobsError", "open_blobs"]
