"""The 68 functions: names, arguments and what is required. All else comes from the contract.

One function to a line, its arguments after it: `!` marks a required one, `:type` one that is not a
String, with `=` and what a Select is chosen from. An argument is the operation's field of the same
name in snake_case, `_FIELDS` excepted. Every function also takes `authId` and `authToken`.
"""

import difflib
from collections.abc import Iterable, Sequence
from functools import cache

from msgspec import inspect

from trunkline.contract.catalog import OPERATIONS
from trunkline.contract.documents.describe import describe
from trunkline.contract.operation import Operation
from trunkline.contract.rules import extra_of
from trunkline.functions.model import Argument, Function, UnknownFunction, fold, snake

CREDENTIALS = ("authId", "authToken")

# PLIVO function package
_TABLE = """
getAccountDetails
updateAccount name city address
createSubaccount name! enabled
updateSubaccount subauthId! name! enabled
getSingleSubaccount subauthId!
getSubaccounts offset:credentials limit
deleteSubaccount subauthId!
createApplication answerUrl! appName! answerMethod hangupUrl hangupMethod fallbackAnswerUrl
  fallbackMethod messageUrl messageMethod defaultNumberApp defaultEndpointApp subaccount
getApplications subaccount limit offset
getSingleApplication appId!
updateApplication appId!:credentials answerUrl answerMethod hangupUrl hangupMethod
  fallbackAnswerUrl fallbackMethod messageUrl messageMethod defaultNumberApp defaultEndpointApp
  subaccount
deleteApplication appId!
makeCall callFrom! callTo! answerUrl! answerMethod ringUrl ringMethod hangupUrl hangupMethod
  fallbackUrl fallbackMethod callerName sendDigits sendOnPreanswer timeLimit hangupOnRing
  machineDetection machineDetectionTime machineDetectionUrl machineDetectionMethod sipHeaders
  ringTimeout parentCallUuid errorIfParentNotFound
getCallsDetails callDirection fromNumber toNumber billDuration endTime limit offset
getSingleCallDetails callUuid!
getLiveCalls
getSingleLiveCallDetails callUuid!
hangupSingleCall callUuid!
hangupCalls
transferCall callUuid! legs alegUrl alegMethod blegUrl blegMethod
recordCall callUuid! timeLimit fileFormat transcriptionType transcriptionUrl transcriptionMethod
  callbackUrl callbackMethod
stopCallRecording callUuid!
playMusicFile callUuid! urls length legs loop mix
stopPlayingMusicFile callUuid!
playText callUuid! text! voice:Select=WOMAN|MAN language legs loop mix
stopPlayingText callUuid!
sendDigits callUuid! digits! leg
hangupCallRequest requestUuid!
getConferences
getSingleConference conferenceName!
hangupConferences
hangupSingleConference conferenceName!
startRecordingConference conferenceName! fileFormat transcriptionType transcriptionUrl
  transcriptionMethod callbackUrl callbackMethod
stopRecordingConference conferenceName!
hangupMember conferenceName! memberId!
kickMember conferenceName! memberId!
muteMember conferenceName! memberId!
unmuteMember conferenceName! memberId!
playSoundToMember conferenceName! memberId! url!
stopPlayingSoundToMember conferenceName! memberId!
playTextToMember conferenceName! memberId! text! voice:Select=WOMAN|MAN language
stopPlayingTextToMember conferenceName! memberId!
makeMemberDeaf conferenceName! memberId!
enableHearingForMember conferenceName! memberId!
createEndpoint username! password! alias! appId
getSingleEndpoint endpointId!
getEndpoints
updateEndpoint endpointId!:credentials password! alias! appId
deleteEndpoint endpointId!:credentials
sendMessage src! destination text! type url method log
getMessages subaccount messageDirection messageTime limit offset errorCode
getSingleMessage messageUuid!
getRentedNumbers type numberStartsWith subaccount alias services limit offset
getRentedNumber number!
addOwnCarrierNumber numbers! carrier! region! numberType appId subaccount
updateNumber number! appId subaccount alias
unrentNumber number!
searchNewNumbers countryIso! type pattern region services lata rateCenter limit offset
buyNumber number! appId
getPricing countryIso!
getRecordings addTime subaccount callUuid limit offset
getSingleRecording recordingId!
deleteRecording recordingId!
listIncomingCarriers name limit offset
getSingleIncomingCarrier carrierId!
addIncomingCarrier name! ipSet!
updateIncomingCarrier carrierId! name ipSet
removeIncomingCarrier carrierId!
"""
_FIELDS = {
    "callFrom": "from",
    "callTo": "to",
    "destination": "dst",
    "numberStartsWith": "number_startswith",
}
_LIST_JOINED = ","  # PLIVO: lists that are no lists of destinations


_LINES = _TABLE.replace("\n  ", " ").strip().splitlines()
NAMES: tuple[str, ...] = tuple(line.split()[0] for line in _LINES)
"""The names alone, which cost nothing."""


@cache
def functions() -> tuple[Function, ...]:
    """Return all functions, in the package's order."""
    bearers = {one.name: one for one in OPERATIONS if one.name}
    return tuple(_function(bearers[line.split()[0]], line.split()[1:]) for line in _LINES)


def find(name: str) -> Function:
    """Return the function of that name, in camelCase or snake_case.

    Raises:
        UnknownFunction: there is none; names the nearest.
    """
    found = _by_name().get(fold(name))
    if found is None:
        near = nearest(name, (one.name for one in functions()))
        raise UnknownFunction(name, near or "GET /api/Plivo and `trunkline fn` list them all")
    return found


def nearest(name: str, known: Iterable[str]) -> str:
    """Return "did you mean …?" with the nearest known name, or ""."""
    folded = {fold(one): one for one in known}
    near = difflib.get_close_matches(fold(name[:64]), folded, n=1)
    return f"did you mean {folded[near[0]]}?" if near else ""


@cache
def _by_name() -> dict[str, Function]:
    return {fold(one.name): one for one in functions()}


def _function(operation: Operation, words: Sequence[str]) -> Function:
    documents = {one.name: one.text for one in describe(operation).fields}
    described = inspect.type_info(operation.request)
    assert isinstance(described, inspect.StructType)  # noqa: S101 — Request is a Struct
    types = {one.encode_name: one.type for one in described.fields}
    return Function(
        operation.name,
        operation,
        " ".join(f"{operation.summary}. {operation.request.__doc__ or ''}".split()),
        tuple(_argument(word, types, documents) for word in words),
    )


def _argument(word: str, types: dict[str, inspect.Type], documents: dict[str, str]) -> Argument:
    name, _, form = word.partition(":")
    kind, _, options = form.partition("=")
    name = name.removesuffix("!")
    field = _FIELDS.get(name) or snake(name)
    bare, extra = _bare(types[field])
    joined = str(extra.get("join", _LIST_JOINED if isinstance(bare, inspect.ListType) else ""))
    paired = str(extra.get("pairs", ""))
    return Argument(
        name,
        field,
        kind or "String",
        "!" in word,
        documents[field],
        _takes(bare, joined, paired),
        tuple(options.split("|")) if options else (),
        joined,
        paired,
    )


def _takes(bare: inspect.Type, joined: str, paired: str) -> tuple[str, ...]:
    if joined:
        return ("array", "string")
    if paired:
        return ("object", "string")
    if isinstance(bare, inspect.BoolType):
        return ("boolean", "string")
    return ("integer", "string") if isinstance(bare, inspect.IntType) else ("string",)


def _bare(kind: inspect.Type) -> tuple[inspect.Type, dict[str, object]]:
    """Look beneath documents, limits and `| None`; gather what they say of the form."""
    if isinstance(kind, inspect.Metadata):
        bare, extra = _bare(kind.type)
        return bare, {**extra_of(kind), **extra}
    if isinstance(kind, inspect.UnionType):
        inner = [one for one in kind.types if not isinstance(one, inspect.NoneType)]
        if len(inner) == 1:
            return _bare(inner[0])
    return kind, {}
