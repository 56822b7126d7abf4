"""Blobs in a bucket that speaks S3, by obstore."""

from pathlib import Path

from obstore.exceptions import BaseError
from obstore.store import ObjectStore, from_url

from trunkline.runtime.blobs.port import BlobsError, checked


class BucketBlobs:
    """A put of S3 is whole or not there."""

    def __init__(self, store: ObjectStore) -> None:
        self._store = store

    async def put(self, key: str, body: bytes) -> None:
        try:
            await self._store.put_async(checked(key), body)
        except (BaseError, OSError) as error:
            raise BlobsError(f"blob {key} cannot be written: {_first_line(error)}") from error

    async def put_file(self, key: str, path: Path) -> None:
        try:
            await self._store.put_async(checked(key), path)  # in parts, if it is large
        except (BaseError, OSError) as error:
            raise BlobsError(f"blob {key} cannot be written: {_first_line(error)}") from error

    async def get(self, key: str) -> bytes | None:
        try:
            found = await self._store.get_async(checked(key))
            return bytes(await found.bytes_async())
        except FileNotFoundError:
            return None
        except (BaseError, OSError) as error:
            raise BlobsError(f"blob {key} cannot be read: {_first_line(error)}") from error

    async def part(self, key: str, start: int, length: int) -> bytes | None:
        try:
            found = await self._store.get_range_async(checked(key), start=start, length=length)
            return bytes(found)
        except FileNotFoundError:
            return None
        except (BaseError, OSError) as error:
            raise BlobsError(f"blob {key} cannot be read: {_first_line(error)}") from error

    async def delete(self, key: str) -> None:
        try:
            await self._store.delete_async(checked(key))
        except FileNotFoundError:
            return
        except (BaseError, OSError) as error:
            raise BlobsError(f"blob {key} cannot be deleted: {_first_line(error)}") from error


def open_bucket(url: str, *, endpoint: str, region: str, key_id: str, secret: str) -> BucketBlobs:
    """Open `s3://bucket/prefix`; what is empty is taken from the environment, as AWS has it.

    Raises:
        BlobsError: the address or the credentials cannot be used.
    """
    given = {
        "endpoint": endpoint,
        "region": region,
        "access_key_id": key_id,
        "secret_access_key": secret,
    }
    config: dict[str, object] = {name: value for name, value in given.items() if value}
    options = {"allow_http": True} if endpoint.startswith("http://") else {}
    try:
        store = from_url(url, config=config, client_options=options)  # pyright: ignore[reportArgumentType, reportCallIssue, reportUnknownVariableType]
    except (BaseError, ValueError) as error:
        raise BlobsError(f"{url} cannot be used for media: {_first_line(error)}") from error
    return BucketBlobs(store)  # pyright: ignore[reportUnknownArgumentType]


def _first_line(error: BaseException) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:200]
