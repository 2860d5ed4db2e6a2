"""Questions that take a while: ``iop`` commands run in children, their answers kept with the week.

A question has a name, one on a page at a time; its answer is there after a refresh, for the week it
was asked about, until it is asked anew or forgotten.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import streamlit as st
from pydantic import BaseModel

from solver import report
from solver.runner import Answer, Command, Job

from ..widgets.text import plain
from .frame import Frame, asker

EVERY = 0.5  # seconds between two looks at a running command
SHOWN = 3  # of its latest lines


def ask(
    page: Frame,
    name: str,
    command: tuple[str, ...],
    files: Mapping[str, BaseModel | Mapping[str, object] | bytes],
    limit: float = 1_800.0,
) -> None:
    """Run an ``iop`` command line in a folder with those files; what was asked before is dropped."""
    forget(page, name)
    page.desk.put(_kept(page, name), asker().start(Command(command, files, limit)).id)


def forget(page: Frame, name: str) -> None:
    """The question and its answer are of no more use."""
    job = _job(page, name)
    if job is not None:
        job.forget()
    page.desk.put(_kept(page, name), None)


def is_running(page: Frame, name: str) -> bool:
    """Whether the answer is still to come."""
    job = _job(page, name)
    return job is not None and job.poll().state in ("waiting", "running")


def answer(page: Frame, name: str) -> Answer | None:
    """What came of it; None while there is nothing."""
    job = _job(page, name)
    if job is None or job.poll().state != "done":
        return None
    try:
        return job.answer()
    except (OSError, ValueError, KeyError):
        return None


def show(
    page: Frame, name: str, draw: Callable[[Answer], None], text: Callable[[str], str] = str
) -> None:
    """How a question stands; nothing where none was asked, ``draw`` once there is an answer.

    ``text`` is applied to what the command says meanwhile, for example to put initials in.
    """
    job = _job(page, name)
    if job is None:
        return
    standing = job.poll()
    match standing.state:
        case "waiting" | "running":
            _watch(page, name, job.id, text)
        case "cancelled":
            st.info("Stopped before there was an answer.", icon=":material/cancel:")
        case "failed":
            st.error(f"This failed: {plain(standing.error)}.", icon=":material/error:")
            st.button(
                "Try again", key=f"again {name}", icon=":material/replay:", on_click=job.again
            )
        case "done":
            found = answer(page, name)
            if found is None:
                st.error("The answer cannot be read.", icon=":material/error:")
                st.button("Try again", key=f"again {name}", on_click=job.again)
            else:
                draw(found)


@st.fragment(run_every=EVERY)
def _watch(page: Frame, name: str, job_id: str, text: Callable[[str], str]) -> None:
    """A running command: its latest words, and a way to stop it."""
    job = _job(page, name)
    if job is None or job.id != job_id:
        st.rerun()
    standing = job.poll()
    if standing.state == "waiting":
        ahead = (
            report.count(standing.ahead, "other question") if standing.ahead else "one that runs"
        )
        st.info(f"Waiting for its turn, after {ahead}.", icon=":material/hourglass_top:")
    elif standing.state == "running":
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f":material/hourglass_top: Working, {standing.seconds:.0f} s …")
            st.button(
                "Stop and take what there is",
                key=f"stop {name}",
                icon=":material/stop_circle:",
                on_click=job.cancel,
                disabled=standing.stopping,
            )
        if standing.said:
            st.code(text("\n".join(standing.said[-SHOWN:])), language=None, wrap_lines=True)
    else:
        st.rerun()


def faults(found: Answer) -> None:
    """What a command that refused its input said, line by line."""
    st.error("This cannot be done as asked.", icon=":material/error:")
    st.code("\n".join(found.said), language=None, wrap_lines=True)


def _kept(page: Frame, name: str) -> str:
    return f"ask {name} {page.files.key}"


def _job(page: Frame, name: str) -> Job | None:
    try:
        return asker().job(page.desk.get(_kept(page, name)) or "")
    except KeyError:
        return None
