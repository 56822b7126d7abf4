"""The functions' signatures. Made by `make docs` from src/trunkline/functions; changes here are lost."""

from collections.abc import Coroutine, Mapping, Sequence
from types import TracebackType
from typing import Any, Generic, Self, TypeVar

R = TypeVar("R", covariant=True)
DEFAULT_URL: str

class _Account:
    auth_id: str
    url: str
    def __init__(
        self, auth_id: str | None = None, auth_token: str | None = None, url: str | None = None
    ) -> None: ...

class Plivo(_Account, _Functions[dict[str, Any]]):
    """All functions, blocking; each returns the API's answer or raises FunctionError."""

    def call(self, name: str, /, **arguments: Any) -> dict[str, Any]: ...
    @classmethod
    def once(cls, name: str, /, **arguments: Any) -> dict[str, Any]: ...
    def close(self) -> None: ...
    def __enter__(self) -> Self: ...
    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...

class AsyncPlivo(_Account, _Functions[Coroutine[Any, Any, dict[str, Any]]]):
    """The same, awaited."""

    async def call(self, name: str, /, **arguments: Any) -> dict[str, Any]: ...
    @classmethod
    async def once(cls, name: str, /, **arguments: Any) -> dict[str, Any]: ...
    async def close(self) -> None: ...
    async def __aenter__(self) -> Self: ...
    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...

class _Functions(Generic[R]):
    @classmethod
    def getAccountDetails(
        cls,
        *,
        authId: str | None = None,
        authToken: str | None = None,
    ) -> R:
        """Get the account. Nothing to say: the account is the one in the path."""
    @classmethod
    def get_account_details(
        cls,
        *,
        auth_id: str | None = None,
        auth_token: str | None = None,
    ) -> R:
        """Get the account. Nothing to say: the account is the one in the path."""
    @classmethod
    def updateAccount(
        cls,
        *,
        name: str | None = None,
        city: str | None = None,
        address: str | None = None,
        authId: str | None = None,
        authToken: str | None = None,
    ) -> R:
        """Change the account. Fields that are absent stay as they are."""
    @classmethod
    def update_account(
        cls,
        *,
        name: str | None = None,
        city: str | None = None,
        address: str | None = None,
        auth_id: str | None = None,
        auth_token: str | None = None,
    ) -> R:
        """Change the account. Fields that are absent stay as they are."""
    @classmethod
    def createSubaccount(
        cls,
        *,
        name: str,
        enabled: bool | str | None = None,
        authId: str | None = None,
        authToken: str | None = None,
    ) -> R:
        """Create a subaccount. A new subaccount of the account in the path."""
    @classmethod
    def create_subaccount(
        cls,
        *,
        name: str,
        enabled: bool | str | None = None,
        auth_id: str | None = None,
        auth_token: str | None = None,
    ) -> R:
        """Create a subaccount. A new subaccount of the account in the path."""
    @classmethod
    def updateSubaccount(
        cls,
        *,
        subauthId: str,
        name: str,
        enabled: bool | str | None = None,
        authId: str | None = None,
        authToken: str | None = None,
    ) -> R:
        """Change a subaccount. A new name, and whether the subaccount is enabled (absent: unchanged)."""
    @classmethod
    def update_subaccount(
        cls,
        *,
        subauth_id: str,
        name: str,
        enabled: bool | str | None = None,
        auth_id: str | None = None,
        auth_token: str | None = None,
    ) -> R:
        """Change a subaccount. A new name, and whether the subaccount is enabled (absent: unchanged)."""
    @classmethod
    def getSingleSubaccount(
        cls,
        *,
        subauthId: str,
        authId: str | None = None,
        authToken: str | None = None,
    ) -> R:
        """Get a subaccount. One subaccount."""
    @classmethod
    def get_single_subaccount(
        cls,
        *,
        subauth_id: str,
        auth_id: str | None = None,
        auth_token: str | None = None,
    ) -> R:
        """Get a subaccount. One subaccount."""
    @classmethod
    def getSubaccounts(
        cls,
        *,
        offset: int | str | None = None,
        limit: int | str | None = None,
        authId: str | None = None,
        authToken: str | None = None,
    ) -> R:
        """List subaccounts, the newest first. A page of subaccounts, the newest first."""
    @classmethod
    def get_subaccounts(
        cls,
        *,
        offset: int | str | None = None,
        limit: int | str | None = None,
        auth_id: str | None = None,
        auth_token: str | None = None,
    ) -> R:
        """List subaccounts, the newest first. A page of subaccounts, the newest first."""
    @classmethod
    def deleteSubaccount(
        cls,
        *,
        subauthId: str,
        authId: str | None = None,
        authToken: str | None = None,
    ) -> R:
        """Delete a subaccount. Delete for good."""
    @classmethod
    def delete_subaccount(
        cls,
        *,
        subauth_id: str,
        auth_id: str | None = None,
        auth_token: str | None = None,
    ) -> R:
        """Delete a subaccount. Delete for good."""
    @classmethod
    def createApplication(
        cls,
        *,
        answerUrl: str,
        appName: str,
        answerMethod: str | None = None,
        hangupUrl: str | None = None,
        hangupMethod: str | None = None,
        fallbackAnswerUrl: str | None = None,
        fallbackMethod: str | None = None,
        messageUrl: str | None = None,
        messageMethod: str | None = None,
        defaultNumberApp: bool | str | None = None,
        defaultEndpointApp: bool | str | None = None,
        subaccount: str | None = None,
        authId: str | None = None,
        authToken: str | None = None,
    ) -> R:
        """Create an application. A new application."""
    @classmethod
    def create_application(
        cls,
        *,
        answer_url: str,
        app_name: str,
        answer_method: str | None = None,
        hangup_url: str | None = None,
        hangup_method: str | None = None,
        fallback_answer_url: str | None = None,
        fallback_method: str | None = None,
        message_url: str | None = None,
        message_method: str | None = None,
        default_number_app: bool | str | None = None,
        default_endpoint_app: bool | str | None = None,
        subaccount: str | None = None,
        auth_id: str | None = None,
        auth_token: str | None = None,
    ) -> R:
        """Create an application. A new application."""
    @classmethod
    def getApplications(
        cls,
        *,
        subaccount: str | None = None,
        limit: int | str | None = None,
        offset: int | str | None = None,
        authId: str | None = None,
        authToken: str | None = None,
    ) -> R:
        """List applications. A page of applications."""
    @classmethod
    def get_applications(
        cls,
        *,
        subaccount: str | None = None,
        limit: int | str | None = None,
        offset: int | str | None = None,
        auth_id: str | None = None,
        auth_token: str | None = None,
    ) -> R:
        """List applications. A page of applications."""
    @classmethod
    def getSingleApplication(
        cls,
        *,
        appId: str,
        authId: str | None = None,
        authToken: str | None = None,
    ) -> R:
        """Get an application. One application."""
    @classmethod
    def get_single_application(
        cls,
        *,
        app_id: str,
        auth_id: str | None = None,
        auth_token: str | None = None,
    ) -> R:
        """Get an application. One application."""
    @classmethod
    def updateApplication(
        cls,
        *,
        appId: str,
        answerUrl: str | None = None,
        answerMethod: str | None = None,
        hangupUrl: str | None = None,
        hangupMethod: str | None = None,
        fallbackAnswerUrl: str | None = None,
        fallbackMethod: str | None = None,
        messageUrl: str | None = None,
        messageMethod: str | None = None,
        defaultNumberApp: bool | str | None = None,
        defaultEndpointApp: bool | str | None = None,
        subaccount: str | None = None,
        authId: str | None = None,
        authToken: str | None = None,
    ) -> R:
        """Change an application. Fields that are absent stay as they are; an empty URL clears it."""
    @classmethod
    def update_application(
        cls,
        *,
        app_id: str,
        answer_url: str | None = None,
        answer_method: str | None = None,
        hangup_url: str | None = None,
        hangup_method: str | None = None,
        fallback_answer_url: str | None = None,
        fallback_method: str | None = None,
        message_url: str | None = None,
        message_method: str | None = None,
        default_number_app: bool | str | None = None,
        default_endpoint_app: bool | str | None = None,
        subaccount: str | None = None,
        auth_id: str | None = None,
        auth_token: str | None = None,
    ) -> R:
        """Change an application. Fields that are absent stay as they are; an empty URL clears it."""
    @classmethod
    def deleteApplication(
        cls,
        *,
        appId: str,
        authId: str | None = None,
        authToken: str | None = None,
    ) -> R:
        """Delete an application. Delete for good."""
    @classmethod
    def delete_application(
        cls,
        *,
        app_id: str,
        auth_id: str | None = None,
        auth_token: str | None = None,
    ) -> R:
        """Delete an application. Delete for good."""
    @classmethod
    def makeCall(
        cls,
        *,
        callFrom: str,
        callTo: Sequence[str] | str,
        answerUrl: str,
        answerMethod: str | None = None,
        ringUrl: str | None = None,
        ringMethod: str | None = None,
        hangupUrl: str | None = None,
        hangupMethod: str | None = None,
        fallbackUrl: str | None = None,
        fallbackMethod: str | None = None,
        callerName: str | None = None,
        sendDigits: str | None = None,
        sendOnPreanswer: bool | str | None = None,
        timeLimit: int | str | None = None,
        hangupOnRing: int | str | None = None,
        machineDetection: str | None = None,
        machineDetectionTime: int | str | None = None,
        machineDetectionUrl: str | None = None,
        machineDetectionMethod: str | None = None,
        sipHeaders: Mapping[str, str] | str | None = None,
        ringTimeout: int | str | None = None,
        parentCallUuid: str | None = None,
        errorIfParentNotFound: bool | str | None = None,
        authId: str | None = None,
        authToken: str | None = None,
    ) -> R:
        """Make a call, or many. A call to one destination, or a call each to many; URLs get `X-PH-` headers as parameters."""
    @classmethod
    def make_call(
        cls,
        *,
        call_from: str,
        call_to: Sequence[str] | str,
        answer_url: str,
        answer_method: str | None = None,
        ring_url: str | None = None,
        ring_method: str | None = None,
        hangup_url: str | None = None,
        hangup_method: str | None = None,
        fallback_url: str | None = None,
        fallback_method: str | None = None,
        caller_name: str | None = None,
        send_digits: str | None = None,
        send_on_preanswer: bool | str | None = None,
        time_limit: int | str | None = None,
        hangup_on_ring: int | str | None = None,
        machine_detection: str | None = None,
        machine_detection_time: int | str | None = None,
        machine_detection_url: str | None = None,
        machine_detection_method: str | None = None,
        sip_headers: Mapping[str, str] | str | None = None,
        ring_timeout: int | str | None = None,
        parent_call_uuid: str | None = None,
        error_if_parent_not_found: bool | str | None = None,
        auth_id: str | None = None,
        auth_token: str | None = None,
    ) -> R:
        """Make a call, or many. A call to one destination, or a call each to many; URLs get `X-PH-` headers as parameters."""
    @classmethod
    def getCallsDetails(
        cls,
        *,
        callDirection: str | None = None,
        fromNumber: str | None = None,
        toNumber: Sequence[str] | str | None = None,
        billDuration: int | str | None = None,
        endTime: str | None = None,
        limit: int | str | None = None,
        offset: int | str | None = None,
        authId: str | None = None,
        authToken: str | None = None,
    ) -> R:
        """List calls that have ended. A page of calls that have ended, the newest first. Without a time the last 7 days; with one bound 30 days from or to it; never more than 30 days."""
    @classmethod
    def get_calls_details(
        cls,
        *,
        call_direction: str | None = None,
        from_number: str | None = None,
        to_number: Sequence[str] | str | None = None,
        bill_duration: int | str | None = None,
        end_time: str | None = None,
        limit: int | str | None = None,
        offset: int | str | None = None,
        auth_id: str | None = None,
        auth_token: str | None = None,
    ) -> R:
        """List calls that have ended. A page of calls that have ended, the newest first. Without a time the last 7 days; with one bound 30 days from or to it; never more than 30 days."""
    @classmethod
    def getSingleCallDetails(
        cls,
        *,
        callUuid: str,
        authId: str | None = None,
        authToken: str | None = None,
    ) -> R:
        """Get a call that has ended. One call that has ended, one that is live or one that is queued."""
    @classmethod
    def get_single_call_details(
        cls,
        *,
        call_uuid: str,
        auth_id: str | None = None,
        auth_token: str | None = None,
    ) -> R:
        """Get a call that has ended. One call that has ended, one that is live or one that is queued."""
    @classmethod
    def getLiveCalls(
        cls,
        *,
        authId: str | None = None,
        authToken: str | None = None,
    ) -> R:
        """List live calls. Calls as they are now, the oldest first; all of them unless `limit` is given."""
    @classmethod
    def get_live_calls(
        cls,
        *,
        auth_id: str | None = None,
        auth_token: str | None = None,
    ) -> R:
        """List live calls. Calls as they are now, the oldest first; all of them unless `limit` is given."""
    @classmethod
    def getSingleLiveCallDetails(
        cls,
        *,
        callUuid: str,
        authId: str | None = None,
        authToken: str | None = None,
    ) -> R:
        """Get a live call. One call that has ended, one that is live or one that is queued."""
    @classmethod
    def get_single_live_call_details(
        cls,
        *,
        call_uuid: str,
        auth_id: str | None = None,
        auth_token: str | None = None,
    ) -> R:
        """Get a live call. One call that has ended, one that is live or one that is queued."""
    @classmethod
    def hangupSingleCall(
        cls,
        *,
        callUuid: str,
        authId: str | None = None,
        authToken: str | None = None,
    ) -> R:
        """Hang up a call. A call that is live or queued."""
    @classmethod
    def hangup_single_call(
        cls,
        *,
        call_uuid: str,
        auth_id: str | None = None,
        auth_token: str | None = None,
    ) -> R:
        """Hang up a call. A call that is live or queued."""
    @classmethod
    def hangupCalls(
        cls,
        *,
        authId: str | None = None,
        authToken: str | None = None,
    ) -> R:
        """Hang up all calls. All calls of the account, live and queued; not those of its subaccounts."""
    @classmethod
    def hangup_calls(
        cls,
        *,
        auth_id: str | None = None,
        auth_token: str | None = None,
    ) -> R:
        """Hang up all calls. All calls of the account, live and queued; not those of its subaccounts."""
    @classmethod
    def transferCall(
        cls,
        *,
        callUuid: str,
        legs: str | None = None,
        alegUrl: str | None = None,
        alegMethod: str | None = None,
        blegUrl: str | None = None,
        blegMethod: str | None = None,
        authId: str | None = None,
        authToken: str | None = None,
    ) -> R:
        """Transfer a call. Lets the call, the leg it is connected with, or both go on with other documents."""
    @classmethod
    def transfer_call(
        cls,
        *,
        call_uuid: str,
        legs: str | None = None,
        aleg_url: str | None = None,
        aleg_method: str | None = None,
        bleg_url: str | None = None,
        bleg_method: str | None = None,
        auth_id: str | None = None,
        auth_token: str | None = None,
    ) -> R:
        """Transfer a call. Lets the call, the leg it is connected with, or both go on with other documents."""
    @classmethod
    def recordCall(
        cls,
        *,
        callUuid: str,
        timeLimit: int | str | None = None,
        fileFormat: str | None = None,
        transcriptionType: str | None = None,
        transcriptionUrl: str | None = None,
        transcriptionMethod: str | None = None,
        callbackUrl: str | None = None,
        callbackMethod: str | None = None,
        authId: str | None = None,
        authToken: str | None = None,
    ) -> R:
        """Record a call. Records both directions, beside what the call does."""
    @classmethod
    def record_call(
        cls,
        *,
        call_uuid: str,
        time_limit: int | str | None = None,
        file_format: str | None = None,
        transcription_type: str | None = None,
        transcription_url: str | None = None,
        transcription_method: str | None = None,
        callback_url: str | None = None,
        callback_method: str | None = None,
        auth_id: str | None = None,
        auth_token: str | None = None,
    ) -> R:
        """Record a call. Records both directions, beside what the call does."""
    @classmethod
    def stopCallRecording(
        cls,
        *,
        callUuid: str,
        authId: str | None = None,
        authToken: str | None = None,
    ) -> R:
        """Stop recording a call. Ends recordings that were started by this API."""
    @classmethod
    def stop_call_recording(
        cls,
        *,
        call_uuid: str,
        auth_id: str | None = None,
        auth_token: str | None = None,
    ) -> R:
        """Stop recording a call. Ends recordings that were started by this API."""
    @classmethod
    def playMusicFile(
        cls,
        *,
        callUuid: str,
        urls: Sequence[str] | str | None = None,
        length: int | str | None = None,
        legs: str | None = None,
        loop: bool | str | None = None,
        mix: bool | str | None = None,
        authId: str | None = None,
        authToken: str | None = None,
    ) -> R:
        """Play files to a call. Plays files beside what the call does."""
    @classmethod
    def play_music_file(
        cls,
        *,
        call_uuid: str,
        urls: Sequence[str] | str | None = None,
        length: int | str | None = None,
        legs: str | None = None,
        loop: bool | str | None = None,
        mix: bool | str | None = None,
        auth_id: str | None = None,
        auth_token: str | None = None,
    ) -> R:
        """Play files to a call. Plays files beside what the call does."""
    @classmethod
    def stopPlayingMusicFile(
        cls,
        *,
        callUuid: str,
        authId: str | None = None,
        authToken: str | None = None,
    ) -> R:
        """Stop playing files to a call. Ends all files that this API plays to the call."""
    @classmethod
    def stop_playing_music_file(
        cls,
        *,
        call_uuid: str,
        auth_id: str | None = None,
        auth_token: str | None = None,
    ) -> R:
        """Stop playing files to a call. Ends all files that this API plays to the call."""
    @classmethod
    def playText(
        cls,
        *,
        callUuid: str,
        text: str,
        voice: str | None = None,
        language: str | None = None,
        legs: str | None = None,
        loop: bool | str | None = None,
        mix: bool | str | None = None,
        authId: str | None = None,
        authToken: str | None = None,
    ) -> R:
        """Speak a text to a call. Speaks a text beside what the call does."""
    @classmethod
    def play_text(
        cls,
        *,
        call_uuid: str,
        text: str,
        voice: str | None = None,
        language: str | None = None,
        legs: str | None = None,
        loop: bool | str | None = None,
        mix: bool | str | None = None,
        auth_id: str | None = None,
        auth_token: str | None = None,
    ) -> R:
        """Speak a text to a call. Speaks a text beside what the call does."""
    @classmethod
    def stopPlayingText(
        cls,
        *,
        callUuid: str,
        authId: str | None = None,
        authToken: str | None = None,
    ) -> R:
        """Stop speaking to a call. Ends all texts that this API speaks to the call."""
    @classmethod
    def stop_playing_text(
        cls,
        *,
        call_uuid: str,
        auth_id: str | None = None,
        auth_token: str | None = None,
    ) -> R:
        """Stop speaking to a call. Ends all texts that this API speaks to the call."""
    @classmethod
    def sendDigits(
        cls,
        *,
        callUuid: str,
        digits: str,
        leg: str | None = None,
        authId: str | None = None,
        authToken: str | None = None,
    ) -> R:
        """Send keys on a call. Sends keys as if they were pressed."""
    @classmethod
    def send_digits(
        cls,
        *,
        call_uuid: str,
        digits: str,
        leg: str | None = None,
        auth_id: str | None = None,
        auth_token: str | None = None,
    ) -> R:
        """Send keys on a call. Sends keys as if they were pressed."""
    @classmethod
    def hangupCallRequest(
        cls,
        *,
        requestUuid: str,
        authId: str | None = None,
        authToken: str | None = None,
    ) -> R:
        """Hang up what a request has asked for. The calls of one request, whether they are queued, ring or are answered."""
    @classmethod
    def hangup_call_request(
        cls,
        *,
        request_uuid: str,
        auth_id: str | None = None,
        auth_token: str | None = None,
    ) -> R:
        """Hang up what a request has asked for. The calls of one request, whether they are queued, ring or are answered."""
    @classmethod
    def getConferences(
        cls,
        *,
        authId: str | None = None,
        authToken: str | None = None,
    ) -> R:
        """List conferences. The account's conferences."""
    @classmethod
    def get_conferences(
        cls,
        *,
        auth_id: str | None = None,
        auth_token: str | None = None,
    ) -> R:
        """List conferences. The account's conferences."""
    @classmethod
    def getSingleConference(
        cls,
        *,
        conferenceName: str,
        authId: str | None = None,
        authToken: str | None = None,
    ) -> R:
        """Get a conference. One conference."""
    @classmethod
    def get_single_conference(
        cls,
        *,
        conference_name: str,
        auth_id: str | None = None,
        auth_token: str | None = None,
    ) -> R:
        """Get a conference. One conference."""
    @classmethod
    def hangupConferences(
        cls,
        *,
        authId: str | None = None,
        authToken: str | None = None,
    ) -> R:
        """Hang up all conferences. Hangs up the calls of all members of all conferences."""
    @classmethod
    def hangup_conferences(
        cls,
        *,
        auth_id: str | None = None,
        auth_token: str | None = None,
    ) -> R:
        """Hang up all conferences. Hangs up the calls of all members of all conferences."""
    @classmethod
    def hangupSingleConference(
        cls,
        *,
        conferenceName: str,
        authId: str | None = None,
        authToken: str | None = None,
    ) -> R:
        """Hang up a conference. Hangs up the calls of all members."""
    @classmethod
    def hangup_single_conference(
        cls,
        *,
        conference_name: str,
        auth_id: str | None = None,
        auth_token: str | None = None,
    ) -> R:
        """Hang up a conference. Hangs up the calls of all members."""
    @classmethod
    def startRecordingConference(
        cls,
        *,
        conferenceName: str,
        fileFormat: str | None = None,
        transcriptionType: str | None = None,
        transcriptionUrl: str | None = None,
        transcriptionMethod: str | None = None,
        callbackUrl: str | None = None,
        callbackMethod: str | None = None,
        authId: str | None = None,
        authToken: str | None = None,
    ) -> R:
        """Record a conference. Records what is said in the conference; one recording at a time."""
    @classmethod
    def start_recording_conference(
        cls,
        *,
        conference_name: str,
        file_format: str | None = None,
        transcription_type: str | None = None,
        transcription_url: str | None = None,
        transcription_method: str | None = None,
        callback_url: str | None = None,
        callback_method: str | None = None,
        auth_id: str | None = None,
        auth_token: str | None = None,
    ) -> R:
        """Record a conference. Records what is said in the conference; one recording at a time."""
    @classmethod
    def stopRecordingConference(
        cls,
        *,
        conferenceName: str,
        authId: str | None = None,
        authToken: str | None = None,
    ) -> R:
        """Stop recording a conference. Ends all recordings of the conference."""
    @classmethod
    def stop_recording_conference(
        cls,
        *,
        conference_name: str,
        auth_id: str | None = None,
        auth_token: str | None = None,
    ) -> R:
        """Stop recording a conference. Ends all recordings of the conference."""
    @classmethod
    def hangupMember(
        cls,
        *,
        conferenceName: str,
        memberId: str,
        authId: str | None = None,
        authToken: str | None = None,
    ) -> R:
        """Hang up a member. Members of a conference."""
    @classmethod
    def hangup_member(
        cls,
        *,
        conference_name: str,
        member_id: str,
        auth_id: str | None = None,
        auth_token: str | None = None,
    ) -> R:
        """Hang up a member. Members of a conference."""
    @classmethod
    def kickMember(
        cls,
        *,
        conferenceName: str,
        memberId: str,
        authId: str | None = None,
        authToken: str | None = None,
    ) -> R:
        """Send a member out; its call goes on. Members of a conference."""
    @classmethod
    def kick_member(
        cls,
        *,
        conference_name: str,
        member_id: str,
        auth_id: str | None = None,
        auth_token: str | None = None,
    ) -> R:
        """Send a member out; its call goes on. Members of a conference."""
    @classmethod
    def muteMember(
        cls,
        *,
        conferenceName: str,
        memberId: str,
        authId: str | None = None,
        authToken: str | None = None,
    ) -> R:
        """Let nobody hear a member. Members of a conference."""
    @classmethod
    def mute_member(
        cls,
        *,
        conference_name: str,
        member_id: str,
        auth_id: str | None = None,
        auth_token: str | None = None,
    ) -> R:
        """Let nobody hear a member. Members of a conference."""
    @classmethod
    def unmuteMember(
        cls,
        *,
        conferenceName: str,
        memberId: str,
        authId: str | None = None,
        authToken: str | None = None,
    ) -> R:
        """Let a member be heard again. Members of a conference."""
    @classmethod
    def unmute_member(
        cls,
        *,
        conference_name: str,
        member_id: str,
        auth_id: str | None = None,
        auth_token: str | None = None,
    ) -> R:
        """Let a member be heard again. Members of a conference."""
    @classmethod
    def playSoundToMember(
        cls,
        *,
        conferenceName: str,
        memberId: str,
        url: str,
        authId: str | None = None,
        authToken: str | None = None,
    ) -> R:
        """Play a file to a member. Plays a file to members alone; the others do not hear it."""
    @classmethod
    def play_sound_to_member(
        cls,
        *,
        conference_name: str,
        member_id: str,
        url: str,
        auth_id: str | None = None,
        auth_token: str | None = None,
    ) -> R:
        """Play a file to a member. Plays a file to members alone; the others do not hear it."""
    @classmethod
    def stopPlayingSoundToMember(
        cls,
        *,
        conferenceName: str,
        memberId: str,
        authId: str | None = None,
        authToken: str | None = None,
    ) -> R:
        """Stop playing files to a member. Members of a conference."""
    @classmethod
    def stop_playing_sound_to_member(
        cls,
        *,
        conference_name: str,
        member_id: str,
        auth_id: str | None = None,
        auth_token: str | None = None,
    ) -> R:
        """Stop playing files to a member. Members of a conference."""
    @classmethod
    def playTextToMember(
        cls,
        *,
        conferenceName: str,
        memberId: str,
        text: str,
        voice: str | None = None,
        language: str | None = None,
        authId: str | None = None,
        authToken: str | None = None,
    ) -> R:
        """Speak a text to a member. Speaks a text to members alone; the others do not hear it."""
    @classmethod
    def play_text_to_member(
        cls,
        *,
        conference_name: str,
        member_id: str,
        text: str,
        voice: str | None = None,
        language: str | None = None,
        auth_id: str | None = None,
        auth_token: str | None = None,
    ) -> R:
        """Speak a text to a member. Speaks a text to members alone; the others do not hear it."""
    @classmethod
    def stopPlayingTextToMember(
        cls,
        *,
        conferenceName: str,
        memberId: str,
        authId: str | None = None,
        authToken: str | None = None,
    ) -> R:
        """Stop speaking to a member. Members of a conference."""
    @classmethod
    def stop_playing_text_to_member(
        cls,
        *,
        conference_name: str,
        member_id: str,
        auth_id: str | None = None,
        auth_token: str | None = None,
    ) -> R:
        """Stop speaking to a member. Members of a conference."""
    @classmethod
    def makeMemberDeaf(
        cls,
        *,
        conferenceName: str,
        memberId: str,
        authId: str | None = None,
        authToken: str | None = None,
    ) -> R:
        """Let a member hear nobody. Members of a conference."""
    @classmethod
    def make_member_deaf(
        cls,
        *,
        conference_name: str,
        member_id: str,
        auth_id: str | None = None,
        auth_token: str | None = None,
    ) -> R:
        """Let a member hear nobody. Members of a conference."""
    @classmethod
    def enableHearingForMember(
        cls,
        *,
        conferenceName: str,
        memberId: str,
        authId: str | None = None,
        authToken: str | None = None,
    ) -> R:
        """Let a member hear again. Members of a conference."""
    @classmethod
    def enable_hearing_for_member(
        cls,
        *,
        conference_name: str,
        member_id: str,
        auth_id: str | None = None,
        auth_token: str | None = None,
    ) -> R:
        """Let a member hear again. Members of a conference."""
    @classmethod
    def createEndpoint(
        cls,
        *,
        username: str,
        password: str,
        alias: str,
        appId: str | None = None,
        authId: str | None = None,
        authToken: str | None = None,
    ) -> R:
        """Create an endpoint. A new endpoint."""
    @classmethod
    def create_endpoint(
        cls,
        *,
        username: str,
        password: str,
        alias: str,
        app_id: str | None = None,
        auth_id: str | None = None,
        auth_token: str | None = None,
    ) -> R:
        """Create an endpoint. A new endpoint."""
    @classmethod
    def getSingleEndpoint(
        cls,
        *,
        endpointId: str,
        authId: str | None = None,
        authToken: str | None = None,
    ) -> R:
        """Get an endpoint. One endpoint."""
    @classmethod
    def get_single_endpoint(
        cls,
        *,
        endpoint_id: str,
        auth_id: str | None = None,
        auth_token: str | None = None,
    ) -> R:
        """Get an endpoint. One endpoint."""
    @classmethod
    def getEndpoints(
        cls,
        *,
        authId: str | None = None,
        authToken: str | None = None,
    ) -> R:
        """List endpoints and whether they are registered. A page of endpoints, the newest first."""
    @classmethod
    def get_endpoints(
        cls,
        *,
        auth_id: str | None = None,
        auth_token: str | None = None,
    ) -> R:
        """List endpoints and whether they are registered. A page of endpoints, the newest first."""
    @classmethod
    def updateEndpoint(
        cls,
        *,
        endpointId: str,
        password: str,
        alias: str,
        appId: str | None = None,
        authId: str | None = None,
        authToken: str | None = None,
    ) -> R:
        """Change an endpoint. Fields that are absent stay as they are; an `app_id` of "null" takes the application away."""
    @classmethod
    def update_endpoint(
        cls,
        *,
        endpoint_id: str,
        password: str,
        alias: str,
        app_id: str | None = None,
        auth_id: str | None = None,
        auth_token: str | None = None,
    ) -> R:
        """Change an endpoint. Fields that are absent stay as they are; an `app_id` of "null" takes the application away."""
    @classmethod
    def deleteEndpoint(
        cls,
        *,
        endpointId: str,
        authId: str | None = None,
        authToken: str | None = None,
    ) -> R:
        """Delete an endpoint. Delete for good, its registrations too."""
    @classmethod
    def delete_endpoint(
        cls,
        *,
        endpoint_id: str,
        auth_id: str | None = None,
        auth_token: str | None = None,
    ) -> R:
        """Delete an endpoint. Delete for good, its registrations too."""
    @classmethod
    def sendMessage(
        cls,
        *,
        src: str,
        text: str,
        destination: Sequence[str] | str | None = None,
        type: str | None = None,
        url: str | None = None,
        method: str | None = None,
        log: str | None = None,
        authId: str | None = None,
        authToken: str | None = None,
    ) -> R:
        """Send a message. A message to one or many destinations; one of `src` and `powerpack_uuid` is needed."""
    @classmethod
    def send_message(
        cls,
        *,
        src: str,
        text: str,
        destination: Sequence[str] | str | None = None,
        type: str | None = None,
        url: str | None = None,
        method: str | None = None,
        log: str | None = None,
        auth_id: str | None = None,
        auth_token: str | None = None,
    ) -> R:
        """Send a message. A message to one or many destinations; one of `src` and `powerpack_uuid` is needed."""
    @classmethod
    def getMessages(
        cls,
        *,
        subaccount: str | None = None,
        messageDirection: str | None = None,
        messageTime: str | None = None,
        limit: int | str | None = None,
        offset: int | str | None = None,
        errorCode: str | None = None,
        authId: str | None = None,
        authToken: str | None = None,
    ) -> R:
        """List messages, the newest first. A page of records, the newest first; the last 24 hours if no time is given."""
    @classmethod
    def get_messages(
        cls,
        *,
        subaccount: str | None = None,
        message_direction: str | None = None,
        message_time: str | None = None,
        limit: int | str | None = None,
        offset: int | str | None = None,
        error_code: str | None = None,
        auth_id: str | None = None,
        auth_token: str | None = None,
    ) -> R:
        """List messages, the newest first. A page of records, the newest first; the last 24 hours if no time is given."""
    @classmethod
    def getSingleMessage(
        cls,
        *,
        messageUuid: str,
        authId: str | None = None,
        authToken: str | None = None,
    ) -> R:
        """Get a message. One message."""
    @classmethod
    def get_single_message(
        cls,
        *,
        message_uuid: str,
        auth_id: str | None = None,
        auth_token: str | None = None,
    ) -> R:
        """Get a message. One message."""
    @classmethod
    def getRentedNumbers(
        cls,
        *,
        type: str | None = None,
        numberStartsWith: str | None = None,
        subaccount: str | None = None,
        alias: str | None = None,
        services: Sequence[str] | str | None = None,
        limit: int | str | None = None,
        offset: int | str | None = None,
        authId: str | None = None,
        authToken: str | None = None,
    ) -> R:
        """List numbers. A page of numbers; all filters must fit."""
    @classmethod
    def get_rented_numbers(
        cls,
        *,
        type: str | None = None,
        number_starts_with: str | None = None,
        subaccount: str | None = None,
        alias: str | None = None,
        services: Sequence[str] | str | None = None,
        limit: int | str | None = None,
        offset: int | str | None = None,
        auth_id: str | None = None,
        auth_token: str | None = None,
    ) -> R:
        """List numbers. A page of numbers; all filters must fit."""
    @classmethod
    def getRentedNumber(
        cls,
        *,
        number: str,
        authId: str | None = None,
        authToken: str | None = None,
    ) -> R:
        """Get a number. One number."""
    @classmethod
    def get_rented_number(
        cls,
        *,
        number: str,
        auth_id: str | None = None,
        auth_token: str | None = None,
    ) -> R:
        """Get a number. One number."""
    @classmethod
    def addOwnCarrierNumber(
        cls,
        *,
        numbers: Sequence[str] | str,
        carrier: str,
        region: str,
        numberType: str | None = None,
        appId: str | None = None,
        subaccount: str | None = None,
        authId: str | None = None,
        authToken: str | None = None,
    ) -> R:
        """Add numbers of your own carrier. Numbers of the account's own carrier; all of them or none."""
    @classmethod
    def add_own_carrier_number(
        cls,
        *,
        numbers: Sequence[str] | str,
        carrier: str,
        region: str,
        number_type: str | None = None,
        app_id: str | None = None,
        subaccount: str | None = None,
        auth_id: str | None = None,
        auth_token: str | None = None,
    ) -> R:
        """Add numbers of your own carrier. Numbers of the account's own carrier; all of them or none."""
    @classmethod
    def updateNumber(
        cls,
        *,
        number: str,
        appId: str | None = None,
        subaccount: str | None = None,
        alias: str | None = None,
        authId: str | None = None,
        authToken: str | None = None,
    ) -> R:
        """Change a number. Fields that are absent stay as they are; a POST with neither body nor query unrents."""
    @classmethod
    def update_number(
        cls,
        *,
        number: str,
        app_id: str | None = None,
        subaccount: str | None = None,
        alias: str | None = None,
        auth_id: str | None = None,
        auth_token: str | None = None,
    ) -> R:
        """Change a number. Fields that are absent stay as they are; a POST with neither body nor query unrents."""
    @classmethod
    def unrentNumber(
        cls,
        *,
        number: str,
        authId: str | None = None,
        authToken: str | None = None,
    ) -> R:
        """Unrent a number. Give a number back for good."""
    @classmethod
    def unrent_number(
        cls,
        *,
        number: str,
        auth_id: str | None = None,
        auth_token: str | None = None,
    ) -> R:
        """Unrent a number. Give a number back for good."""
    @classmethod
    def searchNewNumbers(
        cls,
        *,
        countryIso: str,
        type: str | None = None,
        pattern: str | None = None,
        region: str | None = None,
        services: Sequence[str] | str | None = None,
        lata: str | None = None,
        rateCenter: str | None = None,
        limit: int | str | None = None,
        offset: int | str | None = None,
        authId: str | None = None,
        authToken: str | None = None,
    ) -> R:
        """Search numbers to rent. Numbers of one country that nobody has; all filters must fit."""
    @classmethod
    def search_new_numbers(
        cls,
        *,
        country_iso: str,
        type: str | None = None,
        pattern: str | None = None,
        region: str | None = None,
        services: Sequence[str] | str | None = None,
        lata: str | None = None,
        rate_center: str | None = None,
        limit: int | str | None = None,
        offset: int | str | None = None,
        auth_id: str | None = None,
        auth_token: str | None = None,
    ) -> R:
        """Search numbers to rent. Numbers of one country that nobody has; all filters must fit."""
    @classmethod
    def buyNumber(
        cls,
        *,
        number: str,
        appId: str | None = None,
        authId: str | None = None,
        authToken: str | None = None,
    ) -> R:
        """Rent a number. Rent a number."""
    @classmethod
    def buy_number(
        cls,
        *,
        number: str,
        app_id: str | None = None,
        auth_id: str | None = None,
        auth_token: str | None = None,
    ) -> R:
        """Rent a number. Rent a number."""
    @classmethod
    def getPricing(
        cls,
        *,
        countryIso: str,
        authId: str | None = None,
        authToken: str | None = None,
    ) -> R:
        """Get the prices of a country. The country that is asked about."""
    @classmethod
    def get_pricing(
        cls,
        *,
        country_iso: str,
        auth_id: str | None = None,
        auth_token: str | None = None,
    ) -> R:
        """Get the prices of a country. The country that is asked about."""
    @classmethod
    def getRecordings(
        cls,
        *,
        addTime: str | None = None,
        subaccount: str | None = None,
        callUuid: str | None = None,
        limit: int | str | None = None,
        offset: int | str | None = None,
        authId: str | None = None,
        authToken: str | None = None,
    ) -> R:
        """List recordings. A page of recordings, the newest first. Without a time, an age, a call, a conference or a multiparty call the last 7 days; with one bound of `add_time` 30 days from or to it; never more than 30 days."""
    @classmethod
    def get_recordings(
        cls,
        *,
        add_time: str | None = None,
        subaccount: str | None = None,
        call_uuid: str | None = None,
        limit: int | str | None = None,
        offset: int | str | None = None,
        auth_id: str | None = None,
        auth_token: str | None = None,
    ) -> R:
        """List recordings. A page of recordings, the newest first. Without a time, an age, a call, a conference or a multiparty call the last 7 days; with one bound of `add_time` 30 days from or to it; never more than 30 days."""
    @classmethod
    def getSingleRecording(
        cls,
        *,
        recordingId: str,
        authId: str | None = None,
        authToken: str | None = None,
    ) -> R:
        """Get a recording. One recording."""
    @classmethod
    def get_single_recording(
        cls,
        *,
        recording_id: str,
        auth_id: str | None = None,
        auth_token: str | None = None,
    ) -> R:
        """Get a recording. One recording."""
    @classmethod
    def deleteRecording(
        cls,
        *,
        recordingId: str,
        authId: str | None = None,
        authToken: str | None = None,
    ) -> R:
        """Delete a recording. Delete for good, the audio and its transcription too."""
    @classmethod
    def delete_recording(
        cls,
        *,
        recording_id: str,
        auth_id: str | None = None,
        auth_token: str | None = None,
    ) -> R:
        """Delete a recording. Delete for good, the audio and its transcription too."""
    @classmethod
    def listIncomingCarriers(
        cls,
        *,
        name: str | None = None,
        limit: int | str | None = None,
        offset: int | str | None = None,
        authId: str | None = None,
        authToken: str | None = None,
    ) -> R:
        """List incoming carriers. A page of carriers."""
    @classmethod
    def list_incoming_carriers(
        cls,
        *,
        name: str | None = None,
        limit: int | str | None = None,
        offset: int | str | None = None,
        auth_id: str | None = None,
        auth_token: str | None = None,
    ) -> R:
        """List incoming carriers. A page of carriers."""
    @classmethod
    def getSingleIncomingCarrier(
        cls,
        *,
        carrierId: str,
        authId: str | None = None,
        authToken: str | None = None,
    ) -> R:
        """Get an incoming carrier. One carrier."""
    @classmethod
    def get_single_incoming_carrier(
        cls,
        *,
        carrier_id: str,
        auth_id: str | None = None,
        auth_token: str | None = None,
    ) -> R:
        """Get an incoming carrier. One carrier."""
    @classmethod
    def addIncomingCarrier(
        cls,
        *,
        name: str,
        ipSet: Sequence[str] | str,
        authId: str | None = None,
        authToken: str | None = None,
    ) -> R:
        """Add an incoming carrier. A new carrier."""
    @classmethod
    def add_incoming_carrier(
        cls,
        *,
        name: str,
        ip_set: Sequence[str] | str,
        auth_id: str | None = None,
        auth_token: str | None = None,
    ) -> R:
        """Add an incoming carrier. A new carrier."""
    @classmethod
    def updateIncomingCarrier(
        cls,
        *,
        carrierId: str,
        name: str | None = None,
        ipSet: Sequence[str] | str | None = None,
        authId: str | None = None,
        authToken: str | None = None,
    ) -> R:
        """Change an incoming carrier. Fields that are absent stay as they are."""
    @classmethod
    def update_incoming_carrier(
        cls,
        *,
        carrier_id: str,
        name: str | None = None,
        ip_set: Sequence[str] | str | None = None,
        auth_id: str | None = None,
        auth_token: str | None = None,
    ) -> R:
        """Change an incoming carrier. Fields that are absent stay as they are."""
    @classmethod
    def removeIncomingCarrier(
        cls,
        *,
        carrierId: str,
        authId: str | None = None,
        authToken: str | None = None,
    ) -> R:
        """Remove an incoming carrier and its numbers. Remove a carrier and all of its numbers."""
    @classmethod
    def remove_incoming_carrier(
        cls,
        *,
        carrier_id: str,
        auth_id: str | None = None,
        auth_token: str | None = None,
    ) -> R:
        """Remove an incoming carrier and its numbers. Remove a carrier and all of its numbers."""
