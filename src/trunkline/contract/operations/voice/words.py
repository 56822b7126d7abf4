"""Fields that operations on live calls and on conferences share."""

from typing import Annotated, Literal

from msgspec import Meta

from trunkline.contract.fields import Url
from trunkline.contract.operation import Answer

MAX_TEXT = 3_000  # PLIVO XML: Speak
MOST_SECONDS = 86_400

CallUuid = Annotated[str, Meta(description="Id of the call.", max_length=64)]
Legs = Literal["aleg", "bleg", "both"]
Channels = Literal["mono", "stereo"]
FileFormat = Literal["mp3", "wav"]
Seconds = Annotated[int, Meta(ge=1, le=MOST_SECONDS)]
TranscriptionType = Literal["auto", "hybrid"]

PlayedTo = Annotated[
    Legs,
    Meta(description="Who hears it: the call itself, the leg it is connected with, or both."),
]
Spoken = Annotated[
    str, Meta(min_length=1, max_length=MAX_TEXT, description="What is spoken; with `type` ssml, "
              "the content of a `<speak>` or the whole of it.")
]  # fmt: skip
Voice = Annotated[
    str, Meta(max_length=64, description="WOMAN, MAN, or Polly. and the name of a voice.")
]
Language = Annotated[
    str, Meta(max_length=16, description="Such as en-US; those of `<Speak>` are known.")
]
TextType = Annotated[Literal["text", "ssml"], Meta(description="How `text` is written.")]
Format = Annotated[FileFormat, Meta(description="Format of the file.")]
TranscriptionUrl = Annotated[
    Url, Meta(description="Told the transcription; without it nothing is transcribed.")
]
Transcribed = Annotated[
    TranscriptionType,
    Meta(description="Both are done by machine: there is no human verification."),
]
RecordingEnds = Annotated[Url, Meta(description="Told when the recording has ended.")]


class RecordingStarted(Answer, kw_only=True):
    """A recording that has begun; `url` is where it will be."""

    message: str
    recording_id: str
    url: str
