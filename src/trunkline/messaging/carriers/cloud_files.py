"""Takes over files that users sent from the Cloud API (CLOUD media: retrieve, download)."""

from dataclasses import dataclass
from typing import Any, cast

import msgspec
import structlog

from trunkline.engines.http.client import HttpClient
from trunkline.engines.http.errors import Blocked, HttpError, InvalidUrl
from trunkline.engines.http.message import HttpResponse, Timeouts
from trunkline.messaging.carriers.whatsapp import CloudConfig
from trunkline.values.errors import TrunklineError

log = structlog.get_logger(__name__)

DOWNLOAD_S = 20.0


class FileNotYet(TrunklineError):
    """The file cannot be had for now; it is worth another try."""


@dataclass(frozen=True, slots=True)
class CloudFiles:
    """The files of one account; `client` bounds their size."""

    config: CloudConfig
    client: HttpClient

    async def download(self, media_id: str) -> bytes | None:
        """Return a file's content, None if there is none to be had.

        Raises:
            FileNotYet: the API did not answer, or is at fault.
        """
        described = await self._get(self.config.endpoint(media_id))
        if described is None:
            return None
        try:
            found: Any = msgspec.json.decode(described.body)
        except msgspec.DecodeError:
            return None
        url = cast("dict[str, Any]", found).get("url") if isinstance(found, dict) else None
        file = await self._get(url) if isinstance(url, str) else None
        if file is None or file.truncated:
            log.warning("whatsapp.file", carrier=self.config.name, media_id=media_id)
            return None
        return file.body

    async def _get(self, url: str) -> HttpResponse | None:
        try:
            answer = await self.client.request(
                "GET", url, self.config.headers(), timeouts=Timeouts(total_s=DOWNLOAD_S)
            )
        except (InvalidUrl, Blocked):
            return None
        except HttpError as error:
            raise FileNotYet(str(error)) from error
        if answer.status == 429 or answer.status >= 500:
            raise FileNotYet(f"HTTP {answer.status}")
        return answer if 200 <= answer.status < 300 else None
