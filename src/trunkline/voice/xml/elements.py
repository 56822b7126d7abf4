"""The table: every element, its attributes with ranges and defaults, and what may be in what.

Names, nesting and aliases are those of the seven official SDKs; defaults and ranges are the
documented ones (PLIVO XML). A number under its range is an error, one above is cut to it.
"""

from dataclasses import replace
from types import MappingProxyType

from trunkline.voice.xml.grammar import (
    Attribute,
    Content,
    Rule,
    choice,
    digits,
    flag,
    idle,
    keys,
    leaning,
    method,
    sound,
    text,
    url,
    whole,
    words,
)
from trunkline.voice.xml.headers import headers, stream_headers

ROOT = "Response"
SSML = frozenset(
    {"break", "cont", "emphasis", "lang", "p", "phoneme", "prosody", "s", "say-as", "sub", "w"}
)
_TOP = frozenset(
    {
        "Conference",
        "Dial",
        "DTMF",
        "GetDigits",
        "GetInput",
        "Hangup",
        "Message",
        "MultiPartyCall",
        "Play",
        "PreAnswer",
        "Record",
        "Redirect",
        "Speak",
        "Stream",
        "Wait",
    }
)
_INLINE = frozenset({"break", "emphasis", "lang", "phoneme", "prosody", "say-as", "sub", "w"})
_PROMPT = frozenset({"Speak", "Play", "Wait"})
_ANY_KEY = "1234567890*#"
_FORMATS = ("mp3", "wav")
_EVENTS = (
    "mpc-state-changes", "participant-state-changes", "participant-speak-events",
    "participant-digit-input-events", "add-participant-api-events",
)  # fmt: skip
_BEEPS = ("beep:1", "beep:2")


def _rule(
    name: str,
    *attributes: Attribute,
    children: frozenset[str] = frozenset(),
    content: Content = "nothing",
    text_required: bool = False,
) -> Rule:
    return Rule(name, attributes, children, content, text_required)


def _callback(prefix: str = "callback") -> tuple[Attribute, Attribute]:
    return url(f"{prefix}Url"), method(f"{prefix}Method")


_SIP_HEADERS = headers("sipHeaders")
_CALLED = (
    digits("sendDigits"),
    flag("sendOnPreanswer", False, "sendOnPreAnswer"),
    text("callerId"),
    text("callerName", most=50),
    _SIP_HEADERS,
)
_DIGITS_MODE = leaning("sendDigitsMode", "rfc2833", "rfc2833", "inband")  # PLIVO SDK java
_MULTIPARTY = (
    choice("role", "", "agent", "supervisor", "customer", "ai-agent", required=True),
    whole("maxDuration", 14_400, 300, 28_800),
    whole("maxParticipants", 10, 2, 10),
    whole("recordMinMemberCount", 1, 1, 2),
    url("waitMusicUrl"),
    method("waitMusicMethod", "GET"),
    whole("waitTime", None, 0, 1_800),
    url("agentHoldMusicUrl"),
    method("agentHoldMusicMethod", "GET"),
    url("customerHoldMusicUrl"),
    method("customerHoldMusicMethod", "GET"),
    flag("record", False),
    flag("recordParticipantTrack", False),
    leaning("recordFileFormat", "mp3", *_FORMATS),
    url("recordingCallbackUrl"),
    method("recordingCallbackMethod"),
    words("statusCallbackEvents", ",".join(_EVENTS[:2]), *_EVENTS),
    *_callback("statusCallback"),
    flag("stayAlone", False),
    flag("coachMode", True),
    flag("mute", False),
    flag("hold", False),
    flag("startMpcOnEnter", True),
    flag("endMpcOnExit", False),
    sound("enterSound", "beep:1", *_BEEPS),
    method("enterSoundMethod", "GET"),
    sound("exitSound", "beep:2", *_BEEPS),
    method("exitSoundMethod", "GET"),
    url("onExitActionUrl"),
    method("onExitActionMethod"),
    flag("relayDTMFInputs", False, "relayDtmfInputs"),
    url("startRecordingAudio", "StartRecordingAudio"),
    method("startRecordingAudioMethod", "GET", "StartRecordingAudioMethod"),
    url("stopRecordingAudio", "StopRecordingAudio"),
    method("stopRecordingAudioMethod", "GET", "StopRecordingAudioMethod"),
    flag("transcript", False),
    url("transcriptionUrl"),
)
_CONFERENCE = (
    flag("muted", False),
    sound("enterSound", "", *_BEEPS),
    sound("exitSound", "", *_BEEPS),
    flag("startConferenceOnEnter", True),
    flag("endConferenceOnExit", False),
    flag("stayAlone", True),
    url("waitSound"),
    whole("maxMembers", 20, 1, 20),
    flag("record", False),
    leaning("recordFileFormat", "mp3", *_FORMATS),
    flag("recordWhenAlone", True),
    whole("timeLimit", 86_400, 1, 86_400),
    flag("hangupOnStar", False),
    url("action"),
    method("method"),
    *_callback(),
    text("digitsMatch"),
    flag("floorEvent", False),
    flag("redirect", True),
    flag("relayDTMF", True),
    digits("sendDigits"),
    leaning("transcriptionType", "auto", "auto", "hybrid"),
    *_callback("transcription")[:1],
    method("transcriptionMethod"),
    idle(text("beep"), "enterSound and exitSound say what is heard"),
)
_RECORD = (
    url("action"),
    method("method"),
    leaning("fileFormat", "mp3", *_FORMATS),
    flag("redirect", True),
    whole("timeout", 15, 1),
    whole("maxLength", 60, 1),
    flag("playBeep", True),
    keys("finishOnKey", _ANY_KEY),
    flag("recordSession", False),
    flag("startOnDialAnswer", False),
    leaning("recordChannelType", "stereo", "mono", "stereo"),
    leaning("transcriptionType", "", "auto", "hybrid"),
    url("transcriptionUrl"),
    method("transcriptionMethod"),
    idle(text("transcriptionReportType"), "a transcription is its text alone"),
    *_callback(),
)
_GET_DIGITS = (
    url("action"),
    method("method"),
    whole("timeout", 5, 1),
    whole("digitTimeout", 2, 1),
    whole("numDigits", 99, 1),
    keys("finishOnKey", "#"),
    whole("retries", 1, 1),
    flag("redirect", True),
    flag("playBeep", False),
    keys("validDigits", _ANY_KEY),
    url("invalidDigitsSound"),
    flag("log", True),
)
_MODELS = ("default", "command_and_search", "phone_call", "telephony")
_GET_INPUT = (
    url("action"),
    method("method"),
    choice("inputType", "dtmf", "dtmf", "speech", "dtmf speech", "speech dtmf"),
    whole("executionTimeout", 15, 5, 60),
    whole("digitEndTimeout", None, 2, 10, auto=True),
    whole("speechEndTimeout", None, 2, 10, auto=True),
    whole("startInputTimeout", None, 1, 60),
    keys("finishOnKey", "#"),
    whole("numDigits", 32, 1, 32),
    whole("retries", 1, 1),
    leaning("speechModel", "default", *_MODELS),
    text("hints", most=10_000),
    text("language", "en-US"),
    url("interimSpeechResultsCallback"),
    method("interimSpeechResultsCallbackMethod"),
    flag("log", True),
    flag("redirect", True),
    flag("profanityFilter", False),
)
# "none" is silence, not ringing.
_DIAL_MUSIC = replace(sound("dialMusic", "", "real", "none"), none_is_a_value=True)
_DIAL = (
    url("action"),
    method("method"),
    flag("hangupOnStar", False),
    whole("timeLimit", 14_400, 1, 86_400),
    whole("timeout", 120, 1, 600),
    text("callerId"),
    text("callerName", most=50),
    url("confirmSound"),
    keys("confirmKey", ""),
    whole("confirmTimeout", None, 1),
    _DIAL_MUSIC,
    *_callback(),
    flag("redirect", True),
    text("digitsMatch"),
    text("digitsMatchBLeg"),
    _SIP_HEADERS,
    leaning("callType", "voice", "voice", "whatsapp"),
    leaning("machineDetection", "", "true", "hangup"),
)
_STREAM = (
    flag("bidirectional", False),
    choice("audioTrack", "inbound", "inbound", "outbound", "both"),
    whole("streamTimeout", 86_400, 1, 86_400),
    *_callback("statusCallback"),
    choice(
        "contentType",
        "audio/x-l16;rate=8000",
        "audio/x-l16;rate=8000",
        "audio/x-l16;rate=16000",
        "audio/x-l16;rate=24000",
        "audio/x-mulaw;rate=8000",
    ),
    stream_headers("extraHeaders"),
    flag("keepCallAlive", False),
    flag("noiseCancellation", False),
    whole("noiseCancellationLevel", 85, 60, 100),
)

_RULES = (
    _rule(
        ROOT,
        children=_TOP,
    ),
    _rule("Conference", *_CONFERENCE, content="text", text_required=True),
    _rule("Dial", *_DIAL, children=frozenset({"Number", "User"})),
    _rule("Number", *_CALLED, _DIGITS_MODE, content="text", text_required=True),
    _rule(
        "User",
        *_CALLED,
        text("sipAuthUsername"),
        text("sipAuthPassword"),
        content="text",
        text_required=True,
    ),
    _rule("DTMF", flag("async", True), text("digits"), content="text"),
    _rule("GetDigits", *_GET_DIGITS, children=_PROMPT),
    _rule("GetInput", *_GET_INPUT, children=_PROMPT),
    _rule("Hangup", leaning("reason", "", "rejected", "busy"), whole("schedule", None, 0)),
    _rule(
        "Message",
        text("src"),
        text("dst"),
        idle(leaning("type", "sms", "sms", "mms", "whatsapp"), "it is sent as a text message"),
        *_callback(),
        content="text",
        text_required=True,
    ),
    _rule(
        "MultiPartyCall",
        *_MULTIPARTY,
        children=frozenset({"AgentHoldMusic", "CustomerHoldMusic"}),
        content="text",
        text_required=True,
    ),
    _rule("AgentHoldMusic", children=_PROMPT),
    _rule("CustomerHoldMusic", children=_PROMPT),
    _rule("Play", whole("loop", 1, 0), content="text", text_required=True),
    _rule(
        "PreAnswer",
        children=_PROMPT | {"GetDigits", "Redirect", "Message", "DTMF"},
    ),
    _rule("Record", *_RECORD),
    _rule("Redirect", method("method"), content="text"),
    _rule(
        "Speak",
        text("voice", "WOMAN"),
        text("language", "en-US"),
        whole("loop", 1, 0),
        idle(leaning("legs", "aleg", "aleg", "bleg", "both"), "the caller alone hears a document"),
        children=SSML,
        content="markup",
    ),
    _rule("Stream", *_STREAM, children=SSML, content="text", text_required=True),
    _rule(
        "Wait",
        whole("length", 1, 1),
        flag("silence", False),
        whole("minSilence", 1_000, 1, aliases=("min_silence",)),
        flag("beep", False),
    ),
    _rule("break", text("strength"), text("time"), content="markup"),
    _rule("cont", children=SSML, content="markup"),
    _rule("emphasis", text("level"), children=_INLINE, content="markup"),
    _rule("lang", text("xml:lang"), children=SSML - {"cont"}, content="markup"),
    _rule("p", children=_INLINE | {"s"}, content="markup"),
    _rule("phoneme", text("alphabet"), text("ph"), content="markup"),
    _rule(
        "prosody",
        text("volume"),
        text("rate"),
        text("pitch"),
        children=SSML - {"cont"},
        content="markup",
    ),
    _rule("s", children=_INLINE, content="markup"),
    _rule("say-as", text("interpret-as"), text("format"), content="markup"),
    _rule("sub", text("alias"), content="markup"),
    _rule(
        "w",
        text("role"),
        children=frozenset({"break", "emphasis", "phoneme", "prosody", "say-as", "sub"}),
        content="markup",
    ),
)

RULES = MappingProxyType({rule.name: rule for rule in _RULES})
