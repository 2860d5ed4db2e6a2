"""A server that other machines could reach does not start without a login, by whatever road."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import requests

from tests.guard import serving
from tests.guard.serving import PATIENCE, ROOT, environment, free_port

pytestmark = pytest.mark.slow
SETTINGS = ".streamlit/config.toml"
BY_STREAMLIT = ("-m", "streamlit", "run", str(ROOT / "app.py"))


def refused(folder: Path, *command: str, **more: str) -> str:
    """What a server says that does not start."""
    done = subprocess.run(
        [sys.executable, *command],
        cwd=folder,
        env=environment(folder, more),
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert done.returncode == 2, done.stderr
    assert "Traceback" not in done.stderr
    return done.stderr


ROADS: dict[str, tuple[tuple[str, ...], dict[str, str], str]] = {
    "a flag": ((*BY_STREAMLIT, "--server.address", "0.0.0.0"), {}, ""),
    "the environment": (BY_STREAMLIT, {"STREAMLIT_SERVER_ADDRESS": "0.0.0.0"}, ""),
    "a config file": (BY_STREAMLIT, {}, '[server]\naddress = "0.0.0.0"\n'),
    "iop app": (("-m", "solver", "app", "--address", "0.0.0.0"), {}, ""),
}


@pytest.mark.parametrize("road", ROADS)
def test_it_refuses_every_other_address(tmp_path: Path, road: str) -> None:
    command, more, settings = ROADS[road]
    # Settings beside the app come before those of the folder it is started in.
    script = tmp_path / "app.py"
    if settings:
        (tmp_path / ".streamlit").mkdir()
        (tmp_path / SETTINGS).write_text(settings)
        script.write_text((ROOT / "app.py").read_text("utf-8"), "utf-8")
        command = (*command[:-1], str(script))
    port = str(free_port())
    more = more | {"STREAMLIT_SERVER_PORT": port, "STREAMLIT_SERVER_HEADLESS": "true"}
    assert "Set up a login" in refused(tmp_path, *command, **more)


def test_it_refuses_a_login_that_is_not_whole(tmp_path: Path) -> None:
    folder = tmp_path / ".streamlit"
    folder.mkdir()
    (folder / "secrets.toml").write_text('[auth]\nclient_id = "x"\n')
    said = refused(tmp_path, *BY_STREAMLIT)
    assert "needs redirect_uri" in said
    assert "needs client_secret" in said
    (folder / "secrets.toml").write_text("[auth")
    assert "cannot be read" in refused(tmp_path, *BY_STREAMLIT)


def test_it_refuses_a_login_without_people(tmp_path: Path) -> None:
    serving.write_login(tmp_path, "http://localhost:1", 8501)
    assert "There is no people file" in refused(tmp_path, *BY_STREAMLIT)
    (tmp_path / "people.toml").write_text('[people]\n"a@b.c" = "boss"\nd = "viewer"\n')
    assert refused(tmp_path, *BY_STREAMLIT).count("error: ") == 2


@pytest.mark.parametrize("name", ["enableCORS", "enableXsrfProtection"])
def test_it_refuses_settings_by_which_other_sites_could_read_it(tmp_path: Path, name: str) -> None:
    assert "has to be true" in refused(tmp_path, *BY_STREAMLIT, f"--server.{name}", "false")


def test_behind_another_server_it_still_looks_where_it_is_reached(tmp_path: Path) -> None:
    # uvicorn binds what it is told to, whatever the app's own settings say.
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "uvicorn", "app:app", "--host", "0.0.0.0", "--port", str(port)],
        cwd=ROOT,
        env=environment(tmp_path, {}),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        served = serving.Served("", tmp_path, process)
        serving.until_it_answers(served, f"http://127.0.0.1:{port}/_stcore/health")
        assert requests.get(f"http://127.0.0.1:{port}/", timeout=PATIENCE).status_code == 200
        for host in ("rebound.example", "192.0.2.7:8501"):
            answer = requests.get(
                f"http://127.0.0.1:{port}/", headers={"Host": host}, timeout=PATIENCE
            )
            assert answer.status_code == 403
            assert "open to this machine alone" in answer.text
    finally:
        serving.stop(process)
