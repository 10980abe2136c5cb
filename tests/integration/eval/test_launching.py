"""Starting the exam in a process of its own: what it is told, how it ends, that it ends, and how one goes on with it."""

import json
import os
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import psutil
import pytest
from pydantic import SecretStr

from errors import UsageError
from eval.launching import Launches, environment_of, launch_of, log_tail
from eval.order import Order, arguments_of
from eval.runs import Tally, exam_runs, find_run, total_of
from settings import ROOT, Settings
from tests.integration.eval.choosing_server import ChoosingServer

KEY = "sk-never-to-be-seen-408"
PATIENCE = 240.0


@pytest.fixture
def connected(tmp_path: Path) -> Callable[[ChoosingServer], Settings]:
    def make(server: ChoosingServer) -> Settings:
        return Settings(
            _env_file=None, data_dir=tmp_path / "data", chat_model="openai:choosing", chat_base_url=server.url, chat_retries=0,
            chat_api_key=SecretStr(KEY), api_keys=SecretStr("another secret"),
        )  # fmt: skip

    return make


@pytest.fixture
def launches(tmp_path: Path) -> Iterator[Launches]:
    made = Launches(tmp_path / "data" / "eval", lambda: datetime.now(UTC))
    yield made
    made.stop()


def until(true: Callable[[], object]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_it_runs_to_its_end_and_no_file_holds_the_key(launches: Launches, connected: Callable[..., Settings]) -> None:
    with ChoosingServer() as server:
        settings = connected(server)
        folder = launches.start(arguments_of(Order("generated", limit=12), settings), settings)
        process = launches._process
        assert process and launches.running == folder
        assert KEY not in " ".join(psutil.Process(process.pid).cmdline())
        until(lambda: launch_of(folder) and launch_of(folder).ended)  # type: ignore[union-attr]
    run = exam_runs(settings.eval_dir)[0]
    tally = Tally(folder)
    tally.look()
    assert launches.state(run) == "finished" and launches.running is None and launch_of(folder).code == 0  # type: ignore[union-attr]
    assert tally.done == total_of(folder) == 12 and run.report
    assert server.last["model"] == "choosing" and "python -m eval.exam --generated 12" in (folder / ".launch.log").read_text()
    assert not [file for file in folder.rglob("*") if file.is_file() and KEY.encode() in file.read_bytes()]


def test_only_one_runs_it_can_be_stopped_and_goes_on_where_it_was(launches: Launches, connected: Callable[..., Settings]) -> None:
    with ChoosingServer(held_at=40) as server:
        settings = connected(server)
        arguments = arguments_of(Order("generated", limit=60), settings)
        folder = launches.start(arguments, settings)
        assert server.reached.wait(PATIENCE)
        with pytest.raises(UsageError, match="正在进行"):
            launches.start(arguments, settings)
        group = launches._process.pid  # type: ignore[union-attr]
        launches.stop()
        until(lambda: not [one for one in psutil.process_iter() if _group(one.pid) == group])
        run = exam_runs(settings.eval_dir)[0]
        tally = Tally(folder)
        tally.look()
        assert launches.state(run) == "stopped" and 0 < tally.done < 60
        with pytest.raises(UsageError, match="现在接入的是"):
            launches.resume(run, settings.model_copy(update={"chat_model": "extractive"}))
        server.held_at = None
        server.released.set()
        asked = server.asked
        launches.resume(run, settings)
        until(lambda: launches.state(find_run(settings.eval_dir, run.name)) == "finished")
        assert server.asked - asked == 60 - tally.done


def test_it_ends_with_the_program_however_that_ends_and_is_known_as_interrupted(
    tmp_path: Path, connected: Callable[..., Settings]
) -> None:
    with ChoosingServer(held_at=5) as server:
        settings = connected(server)
        script = textwrap.dedent("""
            import sys, time
            from datetime import UTC, datetime
            from eval.launching import Launches
            from settings import load_settings
            settings = load_settings()
            launches = Launches(settings.eval_dir, lambda: datetime.now(UTC))
            launches.start(["--generated", "30"], settings)
            print(launches._process.pid, flush=True)
            time.sleep(600)
        """)
        environment = environment_of(settings)
        app = subprocess.Popen([sys.executable, "-c", script], cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True)
        assert app.stdout
        pid = int(app.stdout.readline())
        assert server.reached.wait(PATIENCE) and psutil.pid_exists(pid)
        app.kill()
        app.communicate()
        until(lambda: not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE)
        [run] = exam_runs(settings.eval_dir)
        after = Launches(settings.eval_dir, lambda: datetime.now(UTC))
        until(lambda: after.state(run) == "interrupted")  # its last thread lets go of the lock
        server.held_at = None
        server.released.set()
        after.resume(run, settings)
        until(lambda: after.state(find_run(settings.eval_dir, run.name)) == "finished")


def test_a_start_that_fails_says_why(launches: Launches, connected: Callable[..., Settings]) -> None:
    with ChoosingServer() as server:
        settings = connected(server)
        folder = launches.start(["--questions", "nowhere.jsonl"], settings)
        until(lambda: launch_of(folder) and launch_of(folder).ended)  # type: ignore[union-attr]
    [run] = exam_runs(settings.eval_dir)
    assert launches.state(run) == "failed" and "nowhere.jsonl" in log_tail(folder) and "Traceback" not in log_tail(folder)


def test_the_environment_has_what_an_exam_needs_and_no_other_secret(
    connected: Callable[..., Settings], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TUTOR_USERS", "甲:password")
    with ChoosingServer() as server:
        told = environment_of(connected(server))
    assert told["TUTOR_CHAT_API_KEY"] == KEY and told["TUTOR_CHAT_MODEL"] == "openai:choosing"
    assert not {"TUTOR_USERS", "TUTOR_API_KEYS", "TUTOR_DATABASE_URL"} & told.keys()
    assert environment_of(Settings(_env_file=None))["TUTOR_CHAT_API_KEY"] == "none"  # not the one of a file .env


def test_a_log_is_shown_without_what_could_act_on_a_screen(tmp_path: Path) -> None:
    (tmp_path / ".launch.log").write_bytes("一\n答题: 10%\r答题: 90%\x1b[31m红\x1b[0m\u202e\n\xff".encode() + b"\xff")
    assert log_tail(tmp_path) == "一\n答题: 90%红\nÿ\ufffd"
    assert log_tail(tmp_path / "none") == ""


def test_a_damaged_launch_is_none(tmp_path: Path) -> None:
    for text in ("", "[]", '{"arguments": 3}', json.dumps({"arguments": [], "model": "m", "started": "", "strange": 1})):
        (tmp_path / ".launch.json").write_text(text)
        assert launch_of(tmp_path) is None


def _group(pid: int) -> int:
    try:
        return os.getpgid(pid) if psutil.Process(pid).status() != psutil.STATUS_ZOMBIE else 0
    except (ProcessLookupError, psutil.NoSuchProcess):
        return 0
