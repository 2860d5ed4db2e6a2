"""Where patients' names are not: logs, addresses, error pages, temporary files, the network."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
import requests
from websockets.exceptions import ConnectionClosed

from solver.io.files import parse_json
from tests.guard import serving
from tests.guard.serving import PATIENCE, ROOT, Served, lines_with
from tests.guard.talking import OPENED, Closed, talk
from ui.desk.store import READY

pytestmark = pytest.mark.slow
NAMES = ("Zebedee", "Quirina", "Xanthippe", "Wolfhart")


@pytest.fixture(autouse=True)
def _close() -> Iterator[None]:
    yield
    OPENED.close()


def named_scenario() -> dict[str, object]:
    """The demo clinic with people whom one would recognise."""
    document = parse_json((READY / "matrix-evening.json").read_bytes())
    assert isinstance(document, dict)
    for number, patient in enumerate(document["patients"]):
        patient["name"] = f"{NAMES[number % 2]} {NAMES[2 + number % 2]} {number}"
    return document


def told_to_others(served: Served) -> list[str]:
    """Every line with a name that left the work folder."""
    found = lines_with(served.log, *NAMES)
    for folder in ("temporary", "home"):
        for path in (served.folder / folder).rglob("*"):
            found += lines_with(str(path.name), *NAMES)
            if path.is_file():
                found += lines_with(path.read_text("utf-8", "replace"), *NAMES)
    return found


def test_no_name_leaves_the_work_folder(tmp_path: Path) -> None:
    scenario = named_scenario()
    broken = json.loads(json.dumps(scenario))
    for patient in broken["patients"]:
        patient["program"] = f"{patient['name']}'s program"
    with serving.app(tmp_path) as served:
        browser = requests.Session()
        here = talk(served, browser)
        here.run()
        addresses = [here.query]
        for content in (broken, scenario):
            seen = here.run("data")
            uploader = seen.elements("file_uploader")[0].id
            file = json.dumps(content).encode()
            answer = here.bring(served, browser, "week.json", file)
            assert answer.status_code == 204
            seen = here.run(states=[here.brought(uploader, "week.json", len(file))])
            addresses.append(here.query)
        own = list(served.work.glob("desks/*/weeks/*/scenario.json"))
        assert len(own) == 1
        assert "Zebedee" in own[0].read_text("utf-8")
        shown = ""
        for page in here.pages:
            seen = here.run(page)
            shown += seen.text
            addresses.append(here.query)
        assert "Zebedee" in shown
        # A schedule full of people who do not exist, then a file that is none.
        schedule = own[0].with_name("schedule.json")
        schedule.write_text(json.dumps({"sections": [{"members": list(NAMES)}]}))
        own[0].write_text(own[0].read_text("utf-8").replace('"patients"', '"Zebedee"'), "utf-8")
        for page in here.pages:
            here.run(page)
        for junk in (b"\xffZebedee", b"", b"Zebedee" * 1_000):
            with suppress(Closed, ConnectionClosed):
                other = talk(served)
                other.socket.send(junk)
                other.run()
        requests.get(f"{served.url}/media/Zebedee", timeout=PATIENCE)
        requests.get(f"{served.url}/?desk=../../Zebedee", timeout=PATIENCE)
        assert not lines_with("\n".join(addresses), *NAMES)
        assert told_to_others(served) == []
        assert not list(served.work.rglob("dropped.json"))


def test_a_page_that_fails_says_where_in_the_log_and_nothing_on_the_page(tmp_path: Path) -> None:
    loud = {"STREAMLIT_LOGGER_ENABLE_RICH": "true", "STREAMLIT_CLIENT_SHOW_ERROR_DETAILS": "full"}
    room, here_alone = ROOT / "tests/guard/room.py", ("--server.address", "127.0.0.1")
    with serving.app(tmp_path, *here_alone, script=room, more=loud) as served:
        here = talk(served)
        seen = here.run()
        for label in ("Fail", "Fail here"):
            failed = here.press(seen.button(label))
            assert "Something went wrong on this page" in failed.text
            assert not lines_with(failed.text, *NAMES)
        assert "in fail" in served.log
        assert told_to_others(served) == []


def test_uploads_are_limited(tmp_path: Path) -> None:
    with serving.app(tmp_path) as served:
        browser = requests.Session()
        here = talk(served, browser)
        here.run("data")
        for megabytes, status in ((19, 204), (21, 413), (64, 413)):
            try:
                answer = here.bring(served, browser, "week.json", b" " * (megabytes << 20))
            except requests.ConnectionError:  # it was cut off before all of it was read
                assert status == 413
                continue
            assert answer.status_code == status


@pytest.mark.parametrize("wanted", ["false", "true"])
def test_usage_statistics_are_off_whoever_wants_them(tmp_path: Path, wanted: str) -> None:
    more = {"STREAMLIT_BROWSER_GATHER_USAGE_STATS": wanted}
    with serving.app(tmp_path, more=more) as served:
        starts = [m.new_session for m in talk(served).run().messages if m.HasField("new_session")]
        assert starts
        assert not any(start.config.gather_usage_stats for start in starts)


def test_no_path_that_a_user_names_leaves_the_work_folder(tmp_path: Path) -> None:
    secret = tmp_path / "state.json"
    with serving.app(tmp_path) as served:
        secret.write_text('{"week": "secret"}')
        here = talk(served)
        for named in ("..", "../..", "/etc", "%2e%2e%2f..", "..\\..", "\x00", "a" * 5_000, ".."):
            here.run("data", query=f"desk={named}")
            assert named not in here.query
        for road in ("/app/static/../../people.toml", "/media/../../log", "/component/../app.py"):
            url = served.url + road.replace("..", "%2e%2e")
            answer = requests.get(url, timeout=PATIENCE)
            assert "import streamlit" not in answer.text
            assert answer.status_code in (400, 403, 404) or "<!doctype html>" in answer.text.lower()
        made = {path.relative_to(tmp_path).parts[0] for path in tmp_path.rglob("*")}
        assert made <= {"work", "home", "temporary", "log", "state.json", "store.sqlite",
                        "store.sqlite-wal", "store.sqlite-shm"}  # fmt: skip
        served.work.chmod(0o755)
        for path in [*served.work.glob("*"), *served.work.glob("desks/*")]:
            assert path.stat().st_mode & 0o077 == 0, path
