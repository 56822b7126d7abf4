"""The table of elements: defaults, ranges, aliases, nesting, and what errors name."""

import pytest

from trunkline.voice.xml.check import read
from trunkline.voice.xml.document import Document, Element
from trunkline.voice.xml.elements import RULES
from trunkline.voice.xml.errors import AgainstGrammar, InvalidDocument, TooLarge
from trunkline.voice.xml.grammar import Rule, Value


def parse(*elements: str) -> Document:
    return read(f"<Response>{''.join(elements)}</Response>".encode())


def only(element: str) -> Element:
    (found,) = parse(element).elements
    return found


# Documented defaults, as they are given (PLIVO XML).
DEFAULTS: dict[str, dict[str, Value]] = {
    "Speak": {"voice": "WOMAN", "language": "en-US", "loop": 1},
    "Play": {"loop": 1},
    "DTMF": {"async": True},
    "Wait": {"length": 1, "silence": False, "beep": False},
    "Redirect": {"method": "POST"},
    "Message": {"type": "sms", "callbackMethod": "POST"},
    "GetDigits": {
        "method": "POST", "timeout": 5, "digitTimeout": 2, "numDigits": 99, "finishOnKey": "#",
        "retries": 1, "redirect": True, "playBeep": False, "log": True,
    },
    "GetInput": {
        "executionTimeout": 15, "numDigits": 32, "finishOnKey": "#", "retries": 1,
        "language": "en-US", "speechModel": "default", "profanityFilter": False, "log": True,
        "redirect": True, "digitEndTimeout": None, "speechEndTimeout": None,
    },
    "Record": {
        "method": "POST", "redirect": True, "timeout": 15, "maxLength": 60, "playBeep": True,
        "recordSession": False, "startOnDialAnswer": False, "recordChannelType": "stereo",
        "finishOnKey": "1234567890*#", "fileFormat": "mp3",
    },
    "Dial": {
        "method": "POST", "timeout": 120, "timeLimit": 14_400, "hangupOnStar": False,
        "redirect": True, "callType": "voice", "callbackMethod": "POST",
    },
    "Conference": {
        "maxMembers": 20, "timeLimit": 86_400, "muted": False, "startConferenceOnEnter": True,
        "endConferenceOnExit": False, "stayAlone": True, "hangupOnStar": False, "record": False,
        "recordFileFormat": "mp3", "floorEvent": False, "relayDTMF": True, "redirect": True,
    },
    "MultiPartyCall": {
        "maxDuration": 14_400, "maxParticipants": 10, "recordMinMemberCount": 1, "coachMode": True,
        "mute": False, "hold": False, "stayAlone": False, "startMpcOnEnter": True,
        "endMpcOnExit": False, "enterSound": "beep:1", "exitSound": "beep:2",
        "onExitActionMethod": "POST", "relayDTMFInputs": False, "waitMusicMethod": "GET",
        "statusCallbackEvents": "mpc-state-changes,participant-state-changes",
        "recordingCallbackMethod": "POST",
    },
    "Stream": {
        "bidirectional": False, "audioTrack": "inbound", "streamTimeout": 86_400,
        "contentType": "audio/x-l16;rate=8000", "keepCallAlive": False,
        "statusCallbackMethod": "POST", "noiseCancellation": False, "noiseCancellationLevel": 85,
    },
}  # fmt: skip


@pytest.mark.parametrize("name", DEFAULTS)
def test_defaults(name: str) -> None:
    values = {one.name: one.default for one in RULES[name].attributes}
    assert {key: values[key] for key in DEFAULTS[name]} == DEFAULTS[name]


def test_names_and_aliases_are_unique() -> None:
    for rule in RULES.values():
        names = [name for one in rule.attributes for name in (one.name, *one.aliases)]
        assert len(names) == len(set(names)), rule.name


def test_children_are_in_the_table() -> None:
    assert all(child in RULES for rule in RULES.values() for child in rule.children)


@pytest.mark.parametrize(
    ("element", "says"),
    [
        ("<Say>x</Say>", "<Say>"),
        ("<Response/>", "<Response>"),
        ("<speak>x</speak>", "<speak>"),
        ("<Number>1</Number>", "<Number> cannot be in <Response>"),
        ("<GetDigits><Record/></GetDigits>", "<Record> cannot be in <GetDigits>"),
        ("<PreAnswer><Dial/></PreAnswer>", "<Dial> cannot be in <PreAnswer>"),
        ("<PreAnswer><GetInput/></PreAnswer>", "<GetInput> cannot be in <PreAnswer>"),
        ("<Dial><Speak>x</Speak></Dial>", "<Speak> cannot be in <Dial>"),
        ("<Speak>x<b>y</b></Speak>", "<b>"),
        ("<Speak><w><p>x</p></w></Speak>", "<p> cannot be in <w>"),
        ("<Play><Wait/></Play>", "<Wait> cannot be in <Play>"),
        ("<Wait length='0'/>", "<Wait> length must be at least 1, not '0'"),
        ("<Wait length='x'/>", "<Wait> length must be a whole number, not 'x'"),
        ("<Wait length='1.5'/>", "<Wait> length must be a whole number"),
        ("<Wait length='1_0'/>", "<Wait> length must be a whole number"),
        (f"<Wait length='-{'9' * 5000}'/>", "<Wait> length must be at least 1"),
        ("<Wait length='auto'/>", "<Wait> length must be a whole number"),
        ("<GetDigits retries='0'/>", "<GetDigits> retries"),
        ("<GetDigits numDigits='-1'/>", "<GetDigits> numDigits"),
        ("<GetDigits timeout='0'/>", "<GetDigits> timeout"),
        ("<GetDigits redirect='maybe'/>", "<GetDigits> redirect must be true or false"),
        ("<GetInput inputType='sms'/>", "<GetInput> inputType must be one of dtmf, speech"),
        ("<GetInput executionTimeout='4'/>", "<GetInput> executionTimeout must be at least 5"),
        ("<Speak loop='-1'>x</Speak>", "<Speak> loop"),
        ("<Speak language='xx-YY'>x</Speak>", "<Speak> language"),
        ("<Speak voice='CHILD'>x</Speak>", "<Speak> voice"),
        ("<Speak voice='Polly.'>x</Speak>", "<Speak> voice"),
        (f"<Speak>{'x' * 3001}</Speak>", "<Speak> has more than 3000"),
        ("<Play/>", "<Play> must not be empty"),
        ("<Conference> </Conference>", "<Conference> must not be empty"),
        ("<Dial><Number/></Dial>", "<Number> must not be empty"),
        ("<DTMF>12x</DTMF>", "<DTMF> must hold keys"),
        ("<DTMF/>", "<DTMF> must hold keys"),
        ("<MultiPartyCall>x</MultiPartyCall>", "<MultiPartyCall> must have role"),
        ("<MultiPartyCall role='boss'>x</MultiPartyCall>", "<MultiPartyCall> role"),
        ("<MultiPartyCall role='agent' maxDuration='299'>x</MultiPartyCall>", "maxDuration"),
        ("<Stream audioTrack='left'>wss://x.test</Stream>", "<Stream> audioTrack"),
        ("<Stream contentType='audio/mp3'>wss://x.test</Stream>", "<Stream> contentType"),
    ],
)
def test_errors_name_element_and_attribute(element: str, says: str) -> None:
    with pytest.raises(AgainstGrammar) as caught:
        parse("\n", element)
    assert says in str(caught.value)
    assert str(caught.value).startswith("Line 2:")


def test_the_root_is_response() -> None:
    with pytest.raises(AgainstGrammar, match="must be <Response>, not <html>"):
        read(b"<html><body>404</body></html>")


def test_one_wrong_element_refuses_the_whole() -> None:
    with pytest.raises(AgainstGrammar):
        parse("<Speak>fine</Speak>", "<Reject/>")


def test_too_long_a_document_is_refused() -> None:
    with pytest.raises(TooLarge):
        parse("<!--" + "x" * 102_400 + "-->")


@pytest.mark.parametrize(
    ("element", "name", "value", "doubt"),
    [
        ("<Conference maxMembers='50'>x</Conference>", "maxMembers", 20, "at most 20"),
        ("<GetInput digitEndTimeout='20'/>", "digitEndTimeout", 10, "at most 10"),
        # no call lasts so long, and no clock counts so far
        (f"<Wait length='{'9' * 5000}'/>", "length", 10_000_000, "at most 10000000"),
        ("<Record maxLength='99999999999999999999'/>", "maxLength", 10_000_000, "at most"),
        ("<Record fileFormat='ogg'/>", "fileFormat", "mp3", "one of mp3, wav"),
        ("<Record finishOnKey='key'/>", "finishOnKey", "1234567890*#", "keys of a telephone"),
        ("<Hangup reason='bored'/>", "reason", "", "one of rejected, busy"),
        ("<Conference enterSound='ping'>x</Conference>", "enterSound", "", "no sound"),
        ("<Speak voice='MAN' language='sv-SE'>x</Speak>", "voice", "WOMAN", "no MAN"),
        ("<Speak language='pt-PT'>x</Speak>", "voice", "MAN", "no WOMAN"),
        ("<Wait foo='1'/>", "length", 1, "no attribute foo"),
        ("<Dial>4155550111</Dial>", "timeout", 120, "text in it"),
        ("<Dial action='/next'/>", "action", "/next", "absolute URL, http:// or https://, not"),
        ("<Message type='mms'>x</Message>", "type", "mms", "passed over: it is sent as a text"),
        ("<Redirect>/next</Redirect>", "method", "POST", "must be an absolute URL"),
        ("<Play>beep.wav</Play>", "loop", 1, "must be an absolute URL"),
        ("<Dial dialMusic='loud'/>", "dialMusic", "", "must be an address"),
        ("<Dial sipHeaders='a=1,b'/>", "sipHeaders", "a=1,b", "'b', which is no key=value"),
        ("<Stream extraHeaders='=2'>wss://x.test</Stream>", "extraHeaders", "=2", "'=2', which is"),
        ("<Conference sendDigits='1@9'>x</Conference>", "sendDigits", "1", "'9': a tone lasts 20"),
        ("<Conference sendDigits='1x@50'>x</Conference>", "sendDigits", "1@50", "pauses only, not"),
        ("<Conference beep='true'>x</Conference>", "beep", "true", "passed over: enterSound"),
        ("<Record transcriptionReportType='x'/>", "playBeep", True, "Type is passed over"),
        ("<Speak legs='both'>x</Speak>", "legs", "both", "passed over: the caller alone"),
        ("<GetDigits><Wait beep='1'/></GetDigits>", "timeout", 5, "<Wait> beep is passed over"),
    ],
)
def test_what_is_amended_is_told(element: str, name: str, value: Value, doubt: str) -> None:
    document = parse(element)
    assert document.elements[0].values[name] == value
    assert len(document.doubts) == 1
    assert doubt in document.doubts[0]
    named = [document.elements[0], *document.elements[0].children]
    assert any(f"<{element.name}>" in document.doubts[0] for element in named)


@pytest.mark.parametrize(
    ("element", "name", "value"),
    [
        # PHP writes none for false, 0 and "", Ruby for nil
        ("<Record redirect='none'/>", "redirect", False),
        ("<Record maxLength='none'/>", "maxLength", 60),
        ("<Record action='none'/>", "action", ""),
        ("<Record method='none'/>", "method", "POST"),
        ("<GetDigits finishOnKey='none'/>", "finishOnKey", ""),
        ("<GetDigits finishOnKey=''/>", "finishOnKey", ""),
        ("<Conference enterSound='none'>x</Conference>", "enterSound", ""),
        ("<MultiPartyCall role='agent' exitSound='none'>x</MultiPartyCall>", "exitSound", ""),
        ("<Dial dialMusic='none'/>", "dialMusic", "none"),
        ("<Dial/>", "dialMusic", ""),
        # PLIVO XML GetInput: the time after which it ends by itself has a name
        ("<GetInput digitEndTimeout='auto'/>", "digitEndTimeout", None),
        ("<GetInput speechEndTimeout=' Auto'/>", "speechEndTimeout", None),
        ("<Wait length=' 007 '/>", "length", 7),
        # case
        ("<Record playBeep='FALSE'/>", "playBeep", False),
        ("<Record method='get'/>", "method", "GET"),
        ("<Record fileFormat='WAV'/>", "fileFormat", "wav"),
        ("<MultiPartyCall role='Agent'>x</MultiPartyCall>", "role", "agent"),
        ("<GetInput inputType='DTMF Speech'/>", "inputType", "dtmf speech"),
        ("<Speak voice='man'>x</Speak>", "voice", "MAN"),
        ("<Speak language='en'>x</Speak>", "language", "en-US"),
        ("<Speak language='DE_de'>x</Speak>", "language", "de-DE"),
        ("<Speak voice='Polly.Mizuki' language='ja-JP'>x</Speak>", "voice", "Polly.Mizuki"),
        # aliases
        ("<Wait min_silence='300'/>", "minSilence", 300),
        (
            "<MultiPartyCall role='agent' relayDtmfInputs='true'>x</MultiPartyCall>",
            "relayDTMFInputs",
            True,
        ),
        (
            "<MultiPartyCall role='agent' StartRecordingAudio='http://x'>x</MultiPartyCall>",
            "startRecordingAudio",
            "http://x",
        ),
        (
            "<MultiPartyCall role='agent' statusCallbackEvents='participant-speak-events, "
            "mpc-state-changes'>x</MultiPartyCall>",
            "statusCallbackEvents",
            "mpc-state-changes,participant-speak-events",
        ),
        ("<Play loop='0'>x</Play>", "loop", 0),
        ("<Record method='PUT'/>", "method", "PUT"),  # found out when it is used: 7032
    ],
)
def test_values_as_they_are_written(element: str, name: str, value: Value) -> None:
    assert only(element).values[name] == value


def test_aliases_within_a_dial() -> None:
    dial = only("<Dial><Number sendOnPreAnswer='true'>1</Number></Dial>")
    assert dial.children[0].flag("sendOnPreanswer")


def test_digits_may_be_an_attribute() -> None:
    assert only("<DTMF digits='12 w3'/>").text == "12w3"


def test_text_is_stripped() -> None:
    assert only("<Play>\n   https://x.test/a.mp3?a=1&b=2\n </Play>").text == (
        "https://x.test/a.mp3?a=1&b=2"
    )


SSML = (
    "<Speak voice='Polly.Joanna'>Hi <break time='1s' strength='none'/><sub alias='World Wide Web'>"
    "WWW</sub><cont>go<say-as interpret-as='characters' x='y'>ABC</say-as></cont>"
    "<p>One <s>two</s></p><lang xml:lang='it'>ciao &amp; &lt;tutti&gt;</lang>"
    "<prosody rate='slow' pitch='low'>low<prosody volume='+6dB'>loud</prosody></prosody>"
    "<phoneme alphabet='ipa' ph='pɪˈkɑːn'>pecan</phoneme><w role='amazon:VB'>read</w></Speak>"
)


def test_markup_is_kept_for_the_engine_and_words_for_the_rest() -> None:
    speak = only(SSML)
    assert speak.text == ("Hi World Wide Web goABC One two ciao & <tutti>lowloudpecanread")
    assert speak.markup.startswith('Hi <break time="1s" strength="none"/><sub alias=')
    assert "<cont>" not in speak.markup
    assert ' go<say-as interpret-as="characters">ABC</say-as> ' in speak.markup
    assert '<lang xml:lang="it">ciao &amp; &lt;tutti&gt;</lang>' in speak.markup
    assert '<prosody volume="+6dB">loud</prosody></prosody>' in speak.markup


def test_speech_without_markup_has_none() -> None:
    assert only("<Speak>1 &lt; 2</Speak>").markup == ""


def test_every_attribute_is_read_by_its_type() -> None:
    for rule in RULES.values():
        for one in rule.attributes:
            for written in ("true", "12", "get", "none", "", "https://x.test/", "\u2603" * 60):
                _read(rule, one.name, written)


def _read(rule: Rule, name: str, written: str) -> None:
    attribute = rule.attribute(name)
    assert attribute is not None
    body = f"<{rule.name} {name}='{written}' role='agent'>1</{rule.name}>"
    if name == "role":
        body = f"<{rule.name} role='{written}'>1</{rule.name}>"
    if rule.name in RULES["Response"].children:
        try:
            value = only(body).values[name]
        except InvalidDocument as error:
            assert rule.name in str(error)  # noqa: PT017 - and what it says
        else:
            kind = type(attribute.default)
            assert isinstance(value, kind) or attribute.default is None, (rule.name, name)
