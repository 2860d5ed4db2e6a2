"""Who gets in, by every road: a real provider, real HTTP, and sockets that are written to by hand."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import requests
from streamlit.web.server.starlette.starlette_app_utils import create_signed_value
from websockets.exceptions import InvalidStatus

from solver.store import open_store
from tests.guard import serving
from tests.guard.serving import CLIENT, PATIENCE, ROOT, SECRET, Served, sign_in, write_people
from tests.guard.talking import OPENED, Closed, Talk, talk

pytestmark = pytest.mark.slow
PEOPLE = {"vera": "viewer", "kim": "scheduler", "lee": "scheduler", "dora": "director"}
ROADS = (
    "/", "/week", "/data", "/nowhere", "/index.html", "/static/index.html", "/media/0123456789abcdef0123.txt",
    "/component/anything/index.html", "/_stcore/bidi-components/anything.js", "/app/static/file.txt",
    "/_stcore/metrics", "/_stcore/script-health-check", "/_stcore/host-config",
)  # fmt: skip
FORGERIES = (
    "signed by somebody else", "not signed", "for another program", "by another provider",
    "of another sign-in", "long over",
)  # fmt: skip


class Place(NamedTuple):
    provider: str
    room: Served
    """The test page behind the gate."""
    app: Served
    """The app itself."""

    def browser(self, name: str, *, app: bool = False, **named: Any) -> requests.Session:
        return sign_in(self.app if app else self.room, self.provider, name, **named)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    with serving.provider() as provider:
        folders = [tmp_path_factory.mktemp(name) for name in ("room", "app")]
        ports = [serving.free_port() for _ in folders]
        for folder, port in zip(folders, ports, strict=True):
            serving.write_login(folder, provider, port)
            write_people(folder, **PEOPLE)
        with (
            serving.app(folders[0], port=ports[0], script=ROOT / "tests/guard/room.py") as room,
            serving.app(folders[1], port=ports[1]) as app,
        ):
            yield Place(provider, room, app)


@pytest.fixture(autouse=True)
def people(place: Place) -> Iterator[None]:
    yield
    OPENED.close()
    write_people(place.room.folder, **PEOPLE)


def cookie(place: Place, **claims: object) -> requests.Session:
    """A browser with a cookie that this server could have signed itself."""
    now = int(time.time())
    said = {
        "sub": "kim", "email": "kim@example.org", "email_verified": True, "aud": CLIENT, "iat": now,
        "exp": now + 600, "origin": place.room.url, "is_logged_in": True, "provider": "default",
    }  # fmt: skip
    return signed_by(SECRET, said | claims)


def signed_by(secret: str, said: object) -> requests.Session:
    browser = requests.Session()
    value = create_signed_value(secret, "_streamlit_user", json.dumps(said)).decode()
    browser.cookies.set("_streamlit_user", value, domain="localhost.local", path="/")
    return browser


def gets_nothing(served: Served, browser: requests.Session) -> None:
    """No page, no file, no socket."""
    for road in ROADS:
        answer = browser.get(served.url + road, timeout=PATIENCE)
        assert answer.status_code in (401, 403), road
        assert "<script" not in answer.text
    for method in ("POST", "PUT", "DELETE", "OPTIONS", "PATCH", "HEAD"):
        road = "/_stcore/upload_file/00000000-0000-0000/00000000-0000-0000"
        answer = browser.request(method, served.url + road, timeout=PATIENCE)
        assert answer.status_code in (401, 403), method
    with pytest.raises(InvalidStatus):
        talk(served, browser)


def test_who_has_not_signed_in_gets_nothing(place: Place) -> None:
    gets_nothing(place.room, requests.Session())
    gets_nothing(place.app, requests.Session())
    assert "Sign in to go on." in requests.get(place.app.url, timeout=PATIENCE).text


def test_who_is_unknown_gets_nothing(place: Place) -> None:
    eve = place.browser("eve")
    gets_nothing(place.room, eve)
    page = eve.get(place.room.url, timeout=PATIENCE)
    assert page.status_code == 403
    assert "have no role here" in page.text


def test_an_address_that_nobody_verified_gets_nothing(place: Place) -> None:
    browser = place.browser("kim", verified=False)
    gets_nothing(place.room, browser)
    assert "by subject instead" in browser.get(place.room.url, timeout=PATIENCE).text


@pytest.mark.parametrize("how", FORGERIES)
def test_a_forged_token_gets_nothing(place: Place, how: str) -> None:
    browser = place.browser("kim", forge=how)
    assert "_streamlit_user" not in browser.cookies
    gets_nothing(place.room, browser)


def test_a_cookie_that_is_as_it_should_be_gets_in(place: Place) -> None:
    # So that the next test cannot pass because of something else.
    assert "kim@example.org" in talk(place.room, cookie(place)).run().text


@pytest.mark.parametrize(
    "claims",
    [
        {"exp": int(time.time()) - 1},
        {"iat": int(time.time()) - 13 * 3600, "exp": int(time.time()) + 3600},
        {"iat": int(time.time()) + 3600, "exp": int(time.time()) + 7200},
        {"exp": None},
        {"iat": "now"},
        {"aud": "another"},
        {"origin": "http://elsewhere.example"},
        {"is_logged_in": False},
        {"is_logged_in": "yes"},
        {"sub": ""},
        {"email": "subject:kim"},
        {"email": "KIM@example.org.evil.example"},
        {"email_verified": "true"},
    ],
)
def test_a_cookie_of_another_time_place_or_person_gets_nothing(
    place: Place, claims: dict[str, object]
) -> None:
    gets_nothing(place.room, cookie(place, **claims))


def test_a_tampered_cookie_gets_nothing(place: Place) -> None:
    genuine = cookie(place).cookies["_streamlit_user"]
    now = int(time.time())
    said = {"sub": "kim", "email": "kim@example.org", "exp": now + 600, "iat": now}
    forged = [
        signed_by("another secret that is long enough to be one", said),
        *(requests.Session() for _ in range(4)),
    ]
    middle = len(genuine) // 2
    flipped = "A" if genuine[middle] != "A" else "B"
    values = [
        genuine[:middle] + flipped + genuine[middle + 1 :],
        genuine[:-3],
        "chunks-3",
        json.dumps(said),
    ]
    for browser, value in zip(forged[1:], values, strict=True):
        browser.cookies.set("_streamlit_user", value, domain="localhost.local", path="/")
    for browser in forged:
        gets_nothing(place.room, browser)


def test_another_cookie_of_this_server_is_no_identity(place: Place) -> None:
    kim = place.browser("kim")
    browser = requests.Session()
    tokens = kim.cookies["_streamlit_user_tokens"]
    browser.cookies.set("_streamlit_user", tokens, domain="localhost.local", path="/")
    gets_nothing(place.room, browser)


def test_another_site_cannot_use_a_browser_that_is_signed_in(place: Place) -> None:
    with pytest.raises(InvalidStatus):
        talk(place.room, place.browser("kim"), origin="https://evil.example")


def test_who_sent_no_token_against_forgery_is_nobody_to_a_page(place: Place) -> None:
    seen = talk(place.room, place.browser("kim"), token="wrong").run()
    assert "This is" not in seen.text
    assert "Sign in to go on" in seen.text


# -- callbacks ------------------------------------------------------------------------------------


def written(place: Place) -> str:
    path = place.room.work / "written"
    return path.read_text() if path.exists() else ""


def test_a_callback_is_refused_to_who_may_not(place: Place) -> None:
    scheduler, viewer = (talk(place.room, place.browser(name)) for name in ("kim", "vera"))
    button = scheduler.run().button("Write")
    assert viewer.run().button("Write") == button
    seen = viewer.press(button)
    assert written(place) == ""
    assert "your role is viewer" in seen.text
    assert "This is vera" not in seen.text
    scheduler.press(button)
    assert written(place) == "kim@example.org"
    (place.room.work / "written").unlink()


def test_a_role_counts_from_the_moment_it_changes(place: Place) -> None:
    kim = talk(place.room, place.browser("kim"))
    button = kim.run().button("Write")
    write_people(place.room.folder, **PEOPLE | {"kim": "viewer"})
    assert "your role is viewer" in kim.press(button).text
    write_people(place.room.folder, vera="viewer")
    sent_away(kim)
    assert written(place) == ""


def test_a_people_file_with_a_fault_lets_nobody_in(place: Place) -> None:
    browser = place.browser("kim")
    kim = talk(place.room, browser)
    kim.run()
    (place.room.folder / "people.toml").write_text('[people]\n"kim@example.org" = "boss"\n')
    sent_away(kim)
    gets_nothing(place.room, browser)
    assert "list of people has faults" in browser.get(place.room.url, timeout=PATIENCE).text


def sent_away(someone: Talk) -> None:
    """The next message is answered with the way out, and nothing else."""
    with pytest.raises(Closed) as closed:
        someone.run()
    said = {m.WhichOneof("type") for m in closed.value.sent}
    assert "auth_redirect" in said
    assert said <= {"auth_redirect", "session_status_changed", "session_event", "script_finished"}


# -- ending ---------------------------------------------------------------------------------------


def test_signing_out_ends_every_copy_of_the_sign_in(place: Place) -> None:
    kim, lee = place.browser("kim"), place.browser("lee")
    copied = requests.Session()
    copied.cookies.update(kim.cookies)
    kims, copys, lees = (talk(place.room, browser) for browser in (kim, copied, lee))
    for one in (kims, copys, lees):
        one.run()
    answer = kim.get(f"{place.room.url}/auth/logout", timeout=PATIENCE)
    assert answer.url.startswith(place.provider)
    assert "_streamlit_user" not in kim.cookies
    gets_nothing(place.room, copied)
    sent_away(kims)
    sent_away(copys)
    assert "This is lee" in lees.run().text
    assert "This is kim" in talk(place.room, place.browser("kim")).run().text


def test_a_sign_in_ends_while_a_page_is_open(place: Place) -> None:
    soon = int(time.time()) + 3
    kim = talk(place.room, cookie(place, exp=soon))
    assert "This is kim" in kim.run().text
    time.sleep(max(0.0, soon - time.time()) + 0.1)
    sent_away(kim)


# -- what belongs to another ----------------------------------------------------------------------


def test_a_session_is_not_handed_to_another(place: Place) -> None:
    kim = talk(place.room, place.browser("kim"))
    kim.run()
    assert kim.session
    lee = talk(place.room, place.browser("lee"), resume=kim.session)
    assert "This is lee" in lee.run().text
    assert lee.session != kim.session


def test_a_file_is_fetched_by_whom_it_was_made_for(place: Place) -> None:
    browsers = {name: place.browser(name) for name in ("kim", "dora")}
    kim = talk(place.room, browsers["kim"])
    link = kim.run().elements("download_button")[0].url
    assert link.startswith("/media/")
    answer = browsers["kim"].get(place.room.url + link, timeout=PATIENCE)
    assert (answer.status_code, answer.text) == (200, "for kim@example.org alone")
    assert "no-store" in answer.headers["Cache-Control"]
    for wrong in (link, link.replace(".txt", ""), f"//{link}", f"/x/..{link}"):
        answer = browsers["dora"].get(place.room.url + wrong, timeout=PATIENCE)
        assert "alone" not in answer.text, wrong


def test_nobody_uploads_into_anothers_session(place: Place) -> None:
    kim = talk(place.room, place.browser("kim"))
    kim.run()
    browser = place.browser("dora")
    road = (
        f"{place.room.url}/_stcore/upload_file/{kim.session}/00000000-0000-0000-0000-000000000000"
    )
    browser.get(f"{place.room.url}/_stcore/health", timeout=PATIENCE)
    token = browser.cookies["_streamlit_xsrf"]
    answer = browser.put(
        road, files={"file": b"x"}, headers={"X-Xsrftoken": token}, timeout=PATIENCE
    )
    assert answer.status_code == 404


def desk_of(query: str) -> str:
    found = re.search(r"desk=([\w-]+)", query)
    assert found
    return found.group(1)


def test_a_desk_is_its_owners(place: Place) -> None:
    kim = talk(place.app, place.browser("kim", app=True))
    kim.run()
    kims = desk_of(kim.query)
    lee = talk(place.app, place.browser("lee", app=True))
    lee.run(query=f"desk={kims}")
    assert desk_of(lee.query) != kims
    again = talk(place.app, place.browser("kim", app=True))
    again.run()
    assert desk_of(again.query) == kims
    owners = {path.parent.name: path.read_text() for path in place.app.work.glob("desks/*/owner")}
    assert owners[kims] == "kim@example.org"
    assert owners[desk_of(lee.query)] == "lee@example.org"
    answer = requests.get(f"{place.app.url}/?desk={kims}", timeout=PATIENCE)
    assert answer.status_code == 401


def folders(work: Path) -> set[Path]:
    """What is being computed, or was, and every week somebody has."""
    return {*work.glob("jobs/*"), *work.glob("asked/*"), *work.glob("desks/*/weeks/*")}


def lines(served: Served) -> int:
    """How often anything was changed in the store."""
    where = str(served.folder / "store.sqlite")
    if not Path(where).exists():
        return 0
    with open_store(where) as store:
        return len(store.trail.lines())


def test_a_viewer_starts_and_changes_nothing_on_any_page(place: Place) -> None:
    director = talk(place.app, place.browser("dora", app=True))
    viewer = talk(place.app, place.browser("vera", app=True))
    director.run()
    viewer.run()
    buttons = {
        (page, button.label, button.id)
        for page in director.pages
        for button in director.run(page).elements("button")
        if button.label != "Sign out"
    }
    assert buttons
    before, changes = folders(place.app.work), lines(place.app)
    for page, label, button in sorted(buttons):
        viewer.run(page)
        viewer.press(button)
        assert folders(place.app.work) == before, f"{page or 'overview'}: {label}"
        assert lines(place.app) == changes, f"{page or 'overview'}: {label}"


def test_names_of_who_came_are_in_the_log_and_nothing_secret(place: Place) -> None:
    log = place.room.log
    assert "open: kim@example.org, scheduler" in log
    assert "refused (unknown): eve@example.org" in log
    assert SECRET not in log
    assert "eyJ" not in log
