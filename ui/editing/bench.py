"""What is being edited on the page: the open week's draft, or that of a week that was brought."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, replace

import streamlit as st

from solver import report
from solver.io.files import load_scenario
from solver.io.tables.layout import POLICY, by_path
from solver.scenario import Scenario

from ..desk import history
from ..desk.frame import INITIALS, KEPT, Frame
from ..desk.people import may, require
from . import shelf
from .draft import Draft, Reading, digest_of, draft_of, read, to_json
from .fitting import fitted

SAID = "said of the data"
"""In session state: what came of the last saving, until something else is done."""
CLOSED = "popovers closed"
"""In session state: how often the popovers of files have closed by themselves."""


@dataclass(frozen=True, slots=True)
class Bench:
    """The draft on the table.

    Attributes:
        base: the open week as it is; of a brought week what it was brought as.
        incoming: the brought week; None where the open one is edited.
    """

    page: Frame
    base: Draft
    draft: Draft
    incoming: shelf.Incoming | None

    @property
    def is_changed(self) -> bool:
        return self.draft.rows != self.base.rows

    @property
    def is_stale(self) -> bool:
        """Whether the open week was changed elsewhere since the draft was begun."""
        return self.incoming is None and self.draft.base != self.base.base

    @property
    def may_edit(self) -> bool:
        return may("scheduler")

    @property
    def may_order(self) -> bool:
        """Goals and rules are the director's."""
        return may("director")

    @property
    def reading(self) -> Reading:
        return _reading(self.draft, _digest(self.draft))

    def change(self, make: Callable[[Draft], Draft]) -> None:
        """Change the draft as it lies there now, which another tab may have done too."""
        require("scheduler")
        now = _now(self)
        new = make(now)
        if new == now:
            return
        if new.rows.get(POLICY) != now.rows.get(POLICY):
            require("director")
        st.session_state.pop(SAID, None)
        desk = self.page.desk.folder
        if self.incoming is not None:
            here = shelf.load_incoming(desk)
            if here is not None:
                shelf.save_incoming(desk, replace(here, draft=new))
        elif new.rows == self.base.rows:
            shelf.drop(self.page.files.folder)
        else:
            shelf.save(self.page.files.folder, new)

    def discard(self) -> None:
        """Throw the draft away."""
        require("scheduler")
        st.session_state.pop(SAID, None)
        if self.incoming is not None:
            shelf.drop_incoming(self.page.desk.folder)
        else:
            shelf.drop(self.page.files.folder)

    def keep_mine(self) -> None:
        """The draft goes on from the week as it is now, though others changed it meanwhile."""
        require("scheduler")
        shelf.save(self.page.files.folder, replace(_now(self), base=self.base.base))

    def save(self) -> None:
        """Make the draft the week's scenario, if it has no fault and nobody changed it meanwhile."""
        require("scheduler")
        now = _now(self)
        scenario = _reading(now, _digest(now)).scenario
        if scenario is None:
            return
        if self.incoming is not None:
            shelf.drop_incoming(self.page.desk.folder)
            self.page.desk.add(scenario)
            st.session_state[SAID] = f"{scenario.name} is open."
            return
        if now.rows[POLICY] != self.base.rows[POLICY]:
            require("director")
        if now.base != digest_of(load_scenario(self.page.files.scenario)[0]):
            return  # changed in another tab since this page was drawn; it says so now
        st.session_state[SAID] = self._save(scenario, now)

    def _save(self, scenario: Scenario, now: Draft) -> str:
        titles = lists_changed(self.base, now)
        before = self.page.opened.schedule
        fits = fitted(before, scenario) if before is not None else None
        old = self.page.files
        files = self.page.desk.own_copy(old)
        said = f"Edited {report.listing(titles)}"
        if fits is not None and fits.schedule is not None and fits.schedule != before:
            history.change(files, said, scenario=scenario, schedule=fits.schedule)
        else:
            history.change(files, said, scenario=scenario)
        shelf.drop(old.folder)
        shelf.drop(files.folder)
        lost = (
            f" Out of the schedule went {report.listing(fits.lost)}." if fits and fits.lost else ""
        )
        return f"Saved: {report.listing(titles)}.{lost}"


def begin(page: Frame) -> Bench:
    """What is being edited now."""
    incoming = shelf.load_incoming(page.desk.folder)
    if incoming is not None and incoming.mending and incoming.draft is not None:
        return Bench(page, incoming.draft, incoming.draft, incoming)
    base = _base(page.opened.scenario, str(page.files.scenario), _stamp(page))
    return Bench(page, base, shelf.load(page.files.folder) or base, None)


def _stamp(page: Frame) -> tuple[int, int]:
    about = page.files.scenario.stat()
    return about.st_mtime_ns, about.st_size


def _now(bench: Bench) -> Draft:
    """The draft as it lies there, which another tab may have changed."""
    if bench.incoming is not None:
        incoming = shelf.load_incoming(bench.page.desk.folder)
        return incoming.draft if incoming is not None and incoming.draft else bench.draft
    return shelf.load(bench.page.files.folder) or bench.base


@st.cache_resource(max_entries=16, show_spinner=False)
def _base(_scenario: Scenario, path: str, stamp: tuple[int, int]) -> Draft:
    return draft_of(_scenario)


@st.cache_resource(max_entries=32, show_spinner=False)
def _reading(_draft: Draft, digest: str) -> Reading:
    return read(_draft)


def _digest(draft: Draft) -> str:
    return hashlib.sha256(json.dumps(to_json(draft)["rows"]).encode()).hexdigest()


def is_masked() -> bool:
    """Whether pages show initials only; then nothing that quotes names is shown."""
    return bool(st.session_state.get(KEPT + INITIALS))


def lists_changed(before: Draft, now: Draft) -> list[str]:
    """The titles of the lists in which two drafts differ."""
    return [by_path()[path].title for path in now.rows if now.rows[path] != before.rows[path]]
