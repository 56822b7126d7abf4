"""Media: uploaded for MMS, sent with messages, received with them."""

from typing import Annotated

from msgspec import Meta

from trunkline.contract.fields import Files, Limit, Offset
from trunkline.contract.operation import Answer, Operation, Request
from trunkline.values.pages import DEFAULT_LIMIT, PageMeta

_ALL = "/v1/Account/{auth_id}/Media/"
_ONE = "/v1/Account/{auth_id}/Media/{media_id}/"
_OF_MESSAGE = "/v1/Account/{auth_id}/Message/{message_uuid}/Media/"
_ONE_OF_MESSAGE = "/v1/Account/{auth_id}/Message/{message_uuid}/Media/{media_id}/"

# PLIVO media: at most 10 files of 2 MB; what stands around them is little.
MAX_UPLOAD_BODY_BYTES = 10 * 2 * 1024 * 1024 + 256 * 1024

MediaId = Annotated[str, Meta(description="Id of the medium.", max_length=64)]
MessageUuid = Annotated[str, Meta(description="Id of the message.", max_length=64)]


class MediaUpload(Request, kw_only=True, frozen=True):
    """Up to 10 files of 2 MB each; a file nobody sends within 6 hours is forgotten.

    JPEG, PNG, GIF, XCF, MP4, MPEG, 3GPP, 3GPP2, MP3, WAV, OGG, PDF, XLS, XLSX, vCard, CSV and
    plain text, told by their bytes. All are kept or none.
    """

    file: Annotated[Files, Meta(description="One file or several, under the same name.")]


class MediaGet(Request, kw_only=True, frozen=True):
    """One medium."""

    media_id: MediaId


class MediaList(Request, kw_only=True, frozen=True):
    """A page of media, the newest first."""

    limit: Limit = DEFAULT_LIMIT
    offset: Offset = 0


class MessageMediaList(Request, kw_only=True, frozen=True):
    """The media of one message."""

    message_uuid: MessageUuid
    limit: Limit = DEFAULT_LIMIT
    offset: Offset = 0


class MessageMediaGet(Request, kw_only=True, frozen=True):
    """One medium of one message."""

    message_uuid: MessageUuid
    media_id: MediaId


class MessageMediaDelete(Request, kw_only=True, frozen=True):
    """Takes all media from a message; what was uploaded can be sent again."""

    message_uuid: MessageUuid


class MediaObject(Answer, kw_only=True):
    """One picture, sound or file; `size` in bytes, `media_url` can be fetched for some days."""

    media_id: str
    content_type: str
    file_name: str
    size: int
    upload_time: Annotated[str, Meta(description="`YYYY-MM-DDTHH:MM:SS.ffffffZ`.")]
    media_url: str
    url: Annotated[str, Meta(description="The same as `media_url`, as one SDK reads it.")]


class MediaUploaded(MediaObject, kw_only=True):
    """One file that was taken."""

    status: str = "success"
    status_code: int = 201
    error_code: int = 0
    error_message: str = ""


class MediaUploads(Answer, kw_only=True):
    """What was taken, in the order of the files."""

    objects: list[MediaUploaded]


class MediaPage(Answer, kw_only=True):
    """A page of media."""

    meta: PageMeta
    objects: list[MediaObject]


class MessageMedia(Answer, kw_only=True):
    """One picture, sound or file of a message; `size` in bytes."""

    content_type: str
    media_id: str
    media_url: str
    message_uuid: str
    size: int
    file_name: str = ""
    upload_time: str = ""


class MessageMediaPage(Answer, kw_only=True):
    """The media of one message; empty for an SMS."""

    meta: PageMeta
    message_uuid: str
    objects: list[MessageMedia]


_UUID = "5b40a428-bfc7-4daf-9d06-726c558bf3b8"
_MEDIA_ID = "0178eb8a-461a-4fd1-bc37-13eebfdc0676"
_META = {"limit": 20, "offset": 0, "next": None, "previous": None, "total_count": 1}
_URL = (
    f"https://api.example.com/media/Account/MA2025RK4E639VJFZAGV/Media/{_MEDIA_ID}"
    "?expires=1772449530&signature=5f2c9a"
)
_OBJECT = {
    "media_id": _MEDIA_ID,
    "content_type": "image/jpeg",
    "file_name": "sample.jpg",
    "size": 85277,
    "upload_time": "2026-03-02T10:15:30.000000Z",
    "media_url": _URL,
    "url": _URL,
}
_OF_MESSAGE_OBJECT = {
    "content_type": "image/jpeg",
    "media_id": _MEDIA_ID,
    "media_url": _URL,
    "message_uuid": _UUID,
    "size": 85277,
    "file_name": "sample.jpg",
    "upload_time": "2026-03-02T10:15:30.000000Z",
}

OPERATIONS = (
    Operation(
        id="media.upload",
        method="POST",
        path=_ALL,
        request=MediaUpload,
        response=MediaUploads,
        summary="Upload media",
        source="PLIVO media: upload media; types from there and from the SDKs' validators",
        tags=("media",),
        asynchronous=False,
        max_body_bytes=MAX_UPLOAD_BODY_BYTES,
        request_example={
            "file": [{"file_name": "a.txt", "content_type": "text/plain", "body": "SGVsbG8="}]
        },
        response_example={
            "objects": [
                {
                    **_OBJECT,
                    "status": "success",
                    "status_code": 201,
                    "error_code": 0,
                    "error_message": "",
                }
            ]
        },
    ),
    Operation(
        id="media.get",
        method="GET",
        path=_ONE,
        request=MediaGet,
        response=MediaObject,
        summary="Get a medium",
        source="PLIVO media: retrieve a media file",
        tags=("media",),
        response_example=_OBJECT,
    ),
    Operation(
        id="media.list",
        method="GET",
        path=_ALL,
        request=MediaList,
        response=MediaPage,
        summary="List media, the newest first",
        source="PLIVO media: list all media",
        tags=("media",),
        response_example={"meta": _META, "objects": [_OBJECT]},
    ),
    Operation(
        id="message_media.list",
        method="GET",
        path=_OF_MESSAGE,
        request=MessageMediaList,
        response=MessageMediaPage,
        summary="List the media of a message",
        source="PLIVO messaging: list all media of a message",
        tags=("message",),
        response_example={"meta": _META, "message_uuid": _UUID, "objects": [_OF_MESSAGE_OBJECT]},
    ),
    Operation(
        id="message_media.get",
        method="GET",
        path=_ONE_OF_MESSAGE,
        request=MessageMediaGet,
        response=MessageMedia,
        summary="Get a medium of a message",
        source="PLIVO SDK (Java): mmsMediaGet",
        tags=("message",),
        response_example=_OF_MESSAGE_OBJECT,
    ),
    Operation(
        id="message_media.delete",
        method="DELETE",
        path=_OF_MESSAGE,
        request=MessageMediaDelete,
        response=None,
        success_status=204,
        summary="Delete the media of a message",
        source="PLIVO SDKs (Java, Ruby, PHP): delete media of a message",
        tags=("message",),
    ),
)
