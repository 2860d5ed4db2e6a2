"""The app on disks that are full or read-only, and on files that are damaged or cut off."""

from __future__ import annotations

import random
import shutil
import socket
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import requests

from tests.faults.figures import Figures
from tests.faults.places import remount, small_disk
from tests.faults.trouble import DAMAGE
from tests.guard import serving
from tests.guard.serving import ROOT, Served
from tests.guard.talking import OPENED, Seen, talk
from ui.desk.store import Desk

WENT_WRONG = "Something went wrong"
NOT_KEPT = "your last change is not kept"
NO_FOLDER = "cannot be written"


@contextmanager
def served_on(work: Path, more: dict[str, str] | None = None) -> Iterator[Served]:
    """The app with this work folder."""
    with (
        tempfile.TemporaryDirectory() as name,
        serving.app(Path(name), more={"IOP_WORK_FOLDER": str(work)} | (more or {})) as served,
    ):
        try:
            yield served
        finally:
            OPENED.close()


def _opens(served: Served, query: str = "") -> Seen:
    """The week's page; it may say what is wrong, but not that it does not know."""
    here = talk(served)
    here.run(query=query)
    seen = here.run("data", query=query)
    assert WENT_WRONG not in seen.text, served.log
    assert "Traceback" not in served.log
    return seen


def work_disk_full(times: int, chance: random.Random) -> Figures:
    """Fill the disk of the work folder: the app says so, keeps what it had, and goes on with room."""
    return _with_disk(times, read_only=False)


def work_disk_read_only(times: int, chance: random.Random) -> Figures:
    """Make the disk of the work folder read-only under the running app."""
    return _with_disk(times, read_only=True)


def _with_disk(times: int, *, read_only: bool) -> Figures:
    figures = Figures()
    with small_disk(4_000) as disk:
        if disk is None:
            raise OSError("a disk of its own cannot be made here")
        disk.chmod(0o700)
        desk = Desk.new(disk)
        desk.put("kept initials", True)
        with served_on(disk) as served:
            for _ in range(times):
                assert "Open a week" in _opens(served, f"desk={desk.id}").text
                if read_only:
                    remount(disk, "ro")
                else:
                    _fill(disk / "filling")
                try:
                    assert NO_FOLDER in _opens(served).text
                    assert "Open a week" in _opens(served, f"desk={desk.id}").text
                    said = _change_something(served, desk)
                    assert NOT_KEPT in said.text, served.log
                finally:
                    if read_only:
                        remount(disk, "rw")
                    (disk / "filling").unlink(missing_ok=True)
                assert desk.get("kept initials") is True
                assert "Open a week" in _opens(served).text
                figures.seen["said so, kept what it had, goes on afterwards"] += 1
    return figures


def _change_something(served: Served, desk: Desk) -> Seen:
    """Turn the initials off, which is written down."""
    here = talk(served)
    seen = here.run(query=f"desk={desk.id}")
    toggle = next(box for box in seen.elements("checkbox") if box.label == "Initials only")
    return here.switch(toggle.id, on=False)


def _fill(path: Path) -> None:
    with path.open("wb", buffering=0) as file:
        for size in (65_536, 4_096, 1):
            try:
                while True:
                    file.write(b"\0" * size)
            except OSError:
                continue


def files_damaged(times: int, chance: random.Random) -> Figures:
    """Damage any file on a desk: every page says what is wrong, or shows the week."""
    figures = Figures()
    with tempfile.TemporaryDirectory() as name:
        work = Path(name)
        with served_on(work) as served:
            for _ in range(times):
                desk = _desk_with_a_week(work)
                path = chance.choice([p for p in desk.folder.rglob("*.json") if p.is_file()])
                whole = path.read_bytes()
                how = chance.choice([h for h in DAMAGE if h != "a page gone" or len(whole) > 4096])
                path.write_bytes(DAMAGE[how](whole, chance))
                here = talk(served)
                here.run(query=f"desk={desk.id}")
                text = ""
                for page in ("", "week", "check", "data"):
                    text += here.run(page, query=f"desk={desk.id}").text
                    assert WENT_WRONG not in text, f"{path.name}, {how}\n{served.log}"
                damaged = "damaged" in text or "cannot be used" in text
                figures.seen[
                    "said to be damaged" if damaged else "shown, or another in its place"
                ] += 1
                shutil.rmtree(desk.folder)
    return figures


def _desk_with_a_week(work: Path) -> Desk:
    desk = Desk.new(work)
    desk.own_copy(desk.week())
    desk.put("kept initials", True)
    return desk


def upload_cut_off(times: int, chance: random.Random) -> Figures:
    """Let go of the connection in the middle of an upload."""
    figures = Figures()
    with tempfile.TemporaryDirectory() as name, served_on(Path(name)) as served:
        browser = requests.Session()
        here = talk(served, browser)
        here.run("data")
        address = urlsplit(served.url)
        for _ in range(times):
            road = here.address_for_upload("week.json")
            token = browser.cookies["_streamlit_xsrf"]
            head = (
                f"PUT {road} HTTP/1.1\r\nHost: {address.netloc}\r\nContent-Length: 1000000\r\n"
                "Content-Type: multipart/form-data; boundary=x\r\n"
                f"Cookie: _streamlit_xsrf={token}\r\nX-Xsrftoken: {token}\r\n\r\n"
                '--x\r\nContent-Disposition: form-data; name="f"; filename="week.json"\r\n\r\n'
            )
            with socket.create_connection((address.hostname or "", address.port or 0)) as raw:
                raw.sendall(head.encode() + b" " * chance.randrange(900_000))
            figures.seen["nothing was taken; the app goes on"] += 1
        assert "Open a week" in talk(served).run("data").text + _opens(served).text
        assert not [*Path(name).rglob("dropped.json"), *Path(name).glob("desks/*/weeks/*")]
        assert not list((served.folder / "temporary").iterdir())
    return figures


CLOCK = """import os, time
_real, _by = time.time, float(os.environ["CLOCK_WRONG_BY"])
time.time = lambda: _real() + _by
"""


def clock_wrong(times: int, chance: random.Random) -> Figures:
    """Start the app by a clock that is wrong by up to ten years: what was kept is still there."""
    figures = Figures()
    for _ in range(times):
        by = chance.choice([-1, 1]) * chance.uniform(3_600, 10 * 31_536_000)
        with tempfile.TemporaryDirectory() as name:
            work, patched = Path(name) / "work", Path(name) / "patched"
            patched.mkdir()
            (patched / "sitecustomize.py").write_text(CLOCK)
            desk = _desk_with_a_week(work)
            other = Desk.new(work)
            more = {"PYTHONPATH": f"{patched}:{ROOT}", "CLOCK_WRONG_BY": str(by)}
            with served_on(work, more) as served:
                assert "(yours)" in _opens(served, f"desk={desk.id}").text
                assert other.folder.exists()
            figures.seen["everything is still there"] += 1
    return figures
