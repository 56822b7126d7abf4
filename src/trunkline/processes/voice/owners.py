"""Whose a recording is: the row that it begins with, from the call, leg or conference it is of."""

from collections.abc import Callable

from trunkline.voice.journal import RecordedCalls
from trunkline.voice.recordings.model import Recording, Standing
from trunkline.voice.rooms.gathering import Gathering
from trunkline.voice.rooms.register import Register
from trunkline.voice.session.facts import bare


def owners_of(
    journal: RecordedCalls, rooms: Callable[[], Register], main_of: Callable[[str], str]
) -> Callable[[str], Recording | None]:
    """Return what finds the owner of a leg or room by its uuid."""

    def owner(uuid: str) -> Recording | None:
        facts = journal.facts(uuid)
        if facts is not None:
            return _blank(facts.main_auth_id, facts.account_id, journal.node)._replace(
                call_uuid=facts.call_uuid,
                sender=bare(facts.sender),
                recipient=bare(facts.recipient),
            )
        gathering = rooms().with_uuid(uuid)
        if gathering is None:
            return None
        row = _blank(main_of(gathering.account_id), gathering.account_id, journal.node)
        return _of_gathering(row, gathering)

    return owner


def _blank(main_id: str, account_id: str, node: str) -> Recording:
    return Recording(
        recording_id="",
        main_id=main_id,
        account_id=account_id,
        call_uuid="",
        state=Standing.PENDING.value,
        format="mp3",
        started_at=0.0,
        node=node,
    )


def _of_gathering(row: Recording, gathering: Gathering) -> Recording:
    if gathering.kind == "conference":
        return row._replace(conference_name=gathering.name, conference_uuid=gathering.uuid)
    return row._replace(mpc_name=gathering.name, mpc_uuid=gathering.uuid)
