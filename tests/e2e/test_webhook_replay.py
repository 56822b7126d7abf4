"""Webhooks as an operator sees them: listed, shown with their attempts, sent once more."""

import contextlib

from e2e_api import Api
from e2e_program import Program
from e2e_sink import Answer, Sink
from e2e_waiting import until


def test_replay_by_the_operators_api(program: Program, api: Api, sink: Sink, handset: str) -> None:
    uuid = api.send(handset, url=sink.url("/status"))
    until(lambda: len(sink.seen) == 3, "three callbacks")
    with contextlib.closing(Api(program.url, "", "")) as admin:

        def delivered() -> list[dict[str, object]]:
            found = admin.get("/admin/webhooks", resource=uuid)
            assert found.status == 200
            done = [one for one in found["objects"] if one["state"] == "delivered"]
            return done if len(done) == 3 else []

        last = until(delivered, "their outcomes")[0]
        assert "Status=delivered" in str(last["body"])
        shown = admin.get(f"/admin/webhooks/{last['id']}")
        (attempt,) = shown["attempts_made"]
        assert (attempt["status"], attempt["error"]) == (200, None)
        again = admin.post(f"/admin/webhooks/{last['id']}/replay")
        assert again.status == 202
        assert again["replay_of"] == last["id"]
        until(lambda: len(sink.seen) == 4, "the replay")
    first, second = sink.of(Status="delivered")
    assert second.params == first.params
    assert second.is_signed_by(program.auth_token)
    nonce = "x-plivo-signature-v2-nonce"
    assert second.headers[nonce] != first.headers[nonce]
    # A replay is a person's doing: the message stays as it is.
    assert api.message(uuid)["message_state"] == "delivered"


def test_replay_by_the_command(program: Program, api: Api, sink: Sink, handset: str) -> None:
    sink.answers["/status"] = Answer(status=500, body="broken")
    uuid = api.send(handset, url=sink.url("/status"))
    until(lambda: len(sink.seen) == 3, "three callbacks")
    ids = [row[0] for row in program.rows(
        "SELECT id FROM webhooks WHERE resource_uuid = :id ORDER BY id", id=uuid
    )]  # fmt: skip
    assert len(ids) == 3
    until(
        lambda: len(program.rows("SELECT 1 FROM webhook_attempts WHERE webhook_id >= :id"
                                 " AND status = 500", id=ids[0])) == 3,
        "the attempts",
    )  # fmt: skip
    shown = program.cli("webhooks", "show", str(ids[0])).stdout
    assert "status 500" in shown
    assert "broken" in shown
    assert str(ids[0]) in program.cli("webhooks", "list", "--state", "waiting").stdout
    sink.answers.clear()
    told = program.cli("webhooks", "replay", str(ids[0]), str(ids[2])).stdout
    assert f"{ids[0]} queued again as" in told
    until(lambda: len(sink.seen) == 5, "the replays")
    assert sorted(one.params["Status"] for one in sink.seen[3:]) == ["delivered", "queued"]
    assert program.cli("webhooks", "replay", "999999999", check=False).returncode == 1
