"""Programs with an official SDK, or none, run as they are: `trunkline run`, proxy and guard."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import certifi
import plivo
import pytest
from conform_examples import EXAMPLES, MAIN, PAGES, blocks, command, prepared
from e2e_fixtures import assert_clean
from e2e_program import TRUNKLINE, Program
from e2e_waiting import until

pytestmark = pytest.mark.xdist_group("unmodified-programs")  # they share a program

CLIENTS = Path(__file__).with_name("parts") / "unmodified_clients.py"
FENCES = {"python": "python", "node": "javascript", "go": "go", "java": "java"}
SUMMARY = re.compile(
    r"^trunkline: caught (\d+) requests? to Plivo \((.*)\); none left", re.MULTILINE
)
NAMES = {"python": "Python", "node": "Node", "go": "Go", "java": "Java"}


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    """One program for all that is led here."""
    folder = tmp_path_factory.mktemp("program")
    own = {"TRUNKLINE_OWN_PROCESSES": "false", "TRUNKLINE_INTERCEPT_TLS_LISTEN": "127.0.0.1:0"}
    program = Program(folder, None, own).start()
    yield program
    assert program.stop() == 0
    assert_clean(program)


def run(
    program: Program, *words: str, folder: Path | None = None, code: int = 0, **more: str
) -> subprocess.CompletedProcess[str]:
    """Run `trunkline run` with these words on a running program; hold its exit code."""
    known = {
        "PATH": f"{TRUNKLINE.parent}:{os.environ['PATH']}",
        "TRUNKLINE_URL": program.url,
        "PLIVO_AUTH_ID": program.auth_id,  # finding them costs a second
        "PLIVO_AUTH_TOKEN": program.auth_token,
    }
    env = {**program.environment(), **known, **more}
    done = subprocess.run(
        [str(TRUNKLINE), *words],
        env=env,
        cwd=folder or program.folder,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == code, done.stdout + done.stderr
    return done


def caught(done: subprocess.CompletedProcess[str]) -> list[dict[str, object]]:
    """Return the log's lines of requests."""
    lines = [json.loads(line) for line in done.stderr.splitlines() if line.startswith("{")]
    return [one for one in lines if str(one["event"]).startswith("intercept.")]


@pytest.mark.parametrize("language", MAIN)
def test_the_page_shows_the_program_that_is_run(language: str) -> None:
    shown = blocks(PAGES / f"{language}.md")[FENCES[language]]
    assert shown == (EXAMPLES / language / MAIN[language]).read_text(encoding="utf-8")


@pytest.mark.parametrize("language", MAIN)
def test_the_quick_start_runs(here: Program, language: str, tmp_path: Path) -> None:
    no_cgo = {"CGO_ENABLED": "0"}  # Go's own resolver: less to compile, and no C compiler needed
    done = run(here, *command(language), folder=prepared(language, tmp_path), **no_cgo)
    message, call, refused, *_ = done.stdout.splitlines()
    assert re.fullmatch(r"message [0-9a-f-]{36} delivered", message, re.IGNORECASE)
    assert re.fullmatch(r"call [0-9a-f-]{36} \d+ s, Normal Hangup", call)
    assert refused.startswith("refused: ")
    assert "dst" in refused
    assert SUMMARY.search(done.stderr)
    agents = {one["agent"] for one in caught(done)}
    assert all(str(agent).startswith(f"plivo-{language}/") for agent in agents), agents
    texts = [one["text"] for one in here.handset("14155550123")]
    assert f"Hello from {NAMES[language]}" in texts


@pytest.mark.parametrize(
    ("words", "agent"),
    [(("python", "requests/app.py"), "python-requests/"), (("sh", "curl/app.sh"), "curl/")],
)
def test_a_program_without_an_sdk(here: Program, words: Sequence[str], agent: str) -> None:
    done = run(here, "run", "--", *words, folder=EXAMPLES)
    assert done.stdout.splitlines()[-1] == "refused: 401"
    lines = caught(done)
    assert lines[0]["method"] == "POST"
    assert lines[0]["host"] == "api.plivo.com"
    assert lines[0]["path"] == f"/v1/Account/{here.auth_id}/Message/"
    assert all(str(one["agent"]).startswith(agent) for one in lines)
    (wrong,) = [one for one in lines if one["status"] == 401]
    assert "PLIVO_AUTH_TOKEN" in str(wrong["mend"])
    assert "1 answered 401: the credentials are not those of an account here" in done.stderr


def test_every_python_client(here: Program) -> None:
    done = run(here, "run", "--", "python", str(CLIENTS))
    said = json.loads(done.stdout)
    loops = {"httpx", "httpx, no proxy", "aiohttp", "aiohttp, proxy", "streams"}
    answers = said["answers"]
    assert answers.pop("asyncio") == answers.pop("uvloop") == dict.fromkeys(loops, 200)
    assert answers == dict.fromkeys(answers, 200)
    assert said["out"] == []


NODE = """
const https = require('https');
const head = { Authorization: 'Basic ' + Buffer.from(
  process.env.PLIVO_AUTH_ID + ':' + process.env.PLIVO_AUTH_TOKEN).toString('base64') };
const url = `https://api.plivo.com/v1/Account/${process.env.PLIVO_AUTH_ID}/`;
(async () => {
  const byFetch = (await fetch(url, { headers: head })).status;
  const byHttps = await new Promise((resolve, reject) =>
    https.get(url, { headers: head }, (answer) => resolve(answer.resume().statusCode))
      .on('error', reject));
  const unknown = await (await fetch('https://zt.plivo.com/x')).json();
  console.log(JSON.stringify({ byFetch, byHttps, error: unknown.error }));
})();
"""


def test_what_node_has_itself(here: Program) -> None:
    done = run(here, "run", "--", "node", "-e", NODE)
    said = json.loads(done.stdout)
    assert (said["byFetch"], said["byHttps"]) == (200, 200)
    assert said["error"].startswith("zt.plivo.com is not served by this Trunkline")
    assert SUMMARY.search(done.stderr)
    refused = [one for one in caught(done) if one["event"] == "intercept.refused"]
    assert [(one["host"], one["path"], one["status"]) for one in refused] == [
        ("zt.plivo.com", "/x", 404)
    ]


def test_the_proxy_of_a_running_program_as_the_reference_has_it(here: Program) -> None:
    client = plivo.RestClient(here.auth_id, here.auth_token, proxies={"https": here.proxy})
    client.session.verify = here.authority
    sent = client.messages.create(src="14155550100", dst="14155550124", text="By proxy")
    assert client.messages.get(sent.message_uuid[0]).to_number == "14155550124"

    def logged() -> list[object]:
        return [one["agent"] for one in here.log_events() if one["event"] == "intercept.caught"]

    assert all(str(agent).startswith("plivo-python/") for agent in until(logged, "the log"))
    assert Path(here.authority).with_name("ca-key.pem").stat().st_mode & 0o777 == 0o600


def test_a_machine_that_takes_it_for_plivo(here: Program, tmp_path: Path) -> None:
    """As after `trunkline trust --hosts`, by a root and a bundle that are the test's."""
    (tmp_path / "etc").mkdir()
    hosts, bundle = tmp_path / "etc/hosts", tmp_path / "bundle.pem"
    hosts.write_text("127.0.0.1 localhost\n")
    shutil.copy(certifi.where(), bundle)
    words = ("trust", "--hosts", "--bundle", str(bundle), "--root", str(tmp_path))
    planned = here.cli(*words, "--dry-run").stdout.splitlines()
    assert planned == [f"add 13 lines to {bundle}", f"add 1 lines to {hosts}"]
    assert hosts.read_text() == "127.0.0.1 localhost\n"
    assert "intercept.tls_listen" in here.cli(*words).stdout
    assert "127.0.0.1 api.plivo.com lookup.plivo.com " in hosts.read_text()
    (listening,) = [one for one in here.log_events() if one["event"] == "intercept.listening"]
    asked = ["curl", "-sf", "--noproxy", "*", "--cacert", str(bundle), "--connect-to",
             f"::{listening['address']}", "-u", f"{here.auth_id}:{here.auth_token}",
             f"https://api.plivo.com/v1/Account/{here.auth_id}/"]  # fmt: skip
    done = subprocess.run(asked, capture_output=True, text=True, timeout=30, check=True)
    assert json.loads(done.stdout)["auth_id"] == here.auth_id
    assert here.cli("untrust").stdout.count("undo: ") == 2
    assert hosts.read_text() == "127.0.0.1 localhost\n"
    assert bundle.read_bytes() == Path(certifi.where()).read_bytes()
    assert "nothing was changed" in here.cli("untrust").stdout


def test_credentials(here: Program) -> None:
    show = ("sh", "-c", 'echo "$PLIVO_AUTH_ID $PLIVO_AUTH_TOKEN"')
    own = f"{here.auth_id} {here.auth_token}\n"
    theirs = {"PLIVO_AUTH_ID": "MAXXXXXXXXXXXXXXXXXX", "PLIVO_AUTH_TOKEN": "hosted"}
    assert run(here, "run", "--", *show, **theirs).stdout == own
    kept = run(here, "run", "--keep-credentials", "--", *show, **theirs)
    assert kept.stdout == "MAXXXXXXXXXXXXXXXXXX hosted\n"
    assert kept.stderr.endswith("trunkline: no request to Plivo was made\n")


def test_the_exit_code_and_signals_are_the_programs(here: Program) -> None:
    run(here, "run", "sh", "-c", "kill -KILL $$", code=128 + signal.SIGKILL)
    waits = "trap 'exit 9' TERM; kill -TERM $PPID; while :; do sleep 0.1; done"
    run(here, "run", "sh", "-c", waits, code=9)
    done = run(here, "run", "--", "no-such-program", code=127)
    assert "there is no program no-such-program" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_sitecustomize_of_its_own_is_run_too(here: Program, tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text("import builtins; builtins.mine = 'here'")
    done = run(here, "run", "--", "python", "-c", "print(mine)", PYTHONPATH=str(tmp_path))
    assert done.stdout == "here\n"


@pytest.mark.parametrize(
    ("url", "error"),
    [
        ("http://127.0.0.1:1", "no program answers at http://127.0.0.1:1"),
        ("rubbish", "is not an address such as"),
    ],
)
def test_an_address_of_no_program(here: Program, url: str, error: str) -> None:
    done = run(here, "run", "--url", url, "--", "true", code=1, COLUMNS="200")
    assert error in done.stderr
    assert "Traceback" not in done.stderr


def test_with_no_way_to_the_internet(here: Program, tmp_path: Path) -> None:
    """A Trunkline of its own, in a network of loopback alone where this user may have one."""
    code = (
        "import requests, plivo\n"
        "print(plivo.RestClient().account.get().name)\n"
        "print(requests.get('https://zt.plivo.com/v1/x', headers={'user-agent': 'mine/1'}).json())"
    )
    words = [str(TRUNKLINE), "run", "--", sys.executable, "-c", code]
    alone = ["unshare", "--map-root-user", "--net"]
    assert shutil.which("unshare"), "util-linux has it"
    if subprocess.run([*alone, "true"], capture_output=True, check=False).returncode == 0:
        words = [*alone, "sh", "-c", 'ip link set lo up && exec "$@"', "sh", *words]
    done = subprocess.run(
        words,
        env={**here.environment(), "TRUNKLINE_DATA": str(tmp_path / "none")},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    account, refusal = done.stdout.splitlines()
    assert account == "Default account"
    assert "nothing was sent to Plivo" in refusal
    first, second = caught(done)
    assert (first["event"], first["status"]) == ("intercept.caught", 200)
    assert str(first["agent"]).startswith("plivo-python/")
    assert {name: second[name] for name in ("event", "method", "host", "path", "agent")} == {
        "event": "intercept.refused",
        "method": "GET",
        "host": "zt.plivo.com",
        "path": "/v1/x",
        "agent": "mine/1",
    }
    assert "1 refused: not served here" in done.stderr
    assert not list(tmp_path.iterdir())  # what was started for it is gone


def test_a_folder_whose_program_is_elsewhere(here: Program) -> None:
    done = run(here, "run", "--", "true", code=1, TRUNKLINE_URL="")
    assert "trunkline up has ended (one that runs already is named by --url)" in done.stderr
    assert f"is in use by process {here.pid}" in done.stderr
    assert "Traceback" not in done.stderr
