"""Who must be told what, person by person; who accepts, and what becomes of who refuses."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import streamlit as st

from solver import report
from solver.clinic import Clinic
from solver.diff import Difference, Kind, difference
from solver.rebalance.putting_back import PutBack, put_back
from solver.report.cover import losses
from solver.report.diff import HEADINGS, Heard, heard, told_summary
from solver.schedule import Schedule, Section

from ..desk import frame
from ..desk.frame import Frame
from ..desk.people import require
from ..desk.unmasked import Unmasked
from . import steps, steps_rebalance
from .text import listed, plain

YES, NO = "Accepts", "Refuses"
Person = tuple[Kind, str]


@dataclass(frozen=True, slots=True)
class Talk:
    """One person to talk to.

    Attributes:
        person: kind and id as the files have it; ``key`` also tells what is to be said.
        here: whether they are still there to be called.
    """

    person: Person
    key: str
    said: Heard
    here: bool


def changed(page: Frame) -> tuple[Clinic, Difference] | None:
    """What differs between what people had and the open week, as it is shown; None where nothing can."""
    week = page.opened.week
    if week is None or week.clinic.scenario.baseline is None:
        return None
    return week.clinic, difference(week.clinic, week.clinic.scenario.baseline, week.schedule)


def talks(clinic: Clinic, found: Difference, real: Mapping[str, str]) -> list[Talk]:
    """Everybody who must be told something; ``real`` is shown id -> id of the files."""
    out = []
    for told, said in zip(found.told, heard(clinic, found), strict=True):
        id = told.id if told.kind in ("therapist", "desk") else real.get(told.id, told.id)
        content = "\n".join([told.kind, id, *(f"{r.before}>{r.now}" for r in said.rows)])
        key = hashlib.sha256(content.encode()).hexdigest()[:12]
        out.append(Talk((told.kind, id), key, said, told.here))
    return out


def review(page: Frame, job: str, then: str) -> None:
    """The list, and what to do about refusals."""
    found = changed(page)
    if found is None:
        st.info(
            "There is nothing to compare yet: take a week in the step before.",
            icon=":material/compare_arrows:",
        )
        return
    clinic, diff = found
    people = talks(clinic, diff, Unmasked(page.opened).patients)
    st.markdown(f"**{plain(told_summary(clinic, diff))}**")
    steps.may_undo(page)
    said = answers(page, people)
    _refused(page, job, [t for t in people if said.get(t.key) == NO])
    to_call = [t for t in people if t.here and t.person[0] != "desk"]
    if to_call:
        number = sum(1 for t in to_call if t.key in said)
        st.progress(number / len(to_call), text=f"{number} of {len(to_call)} answered")
        open_ = [t.key for t in to_call if t.key not in said]
        if open_:
            st.button(
                "All others accept",
                icon=":material/done_all:",
                on_click=_all_accept,
                args=(page, open_),
                help="For who has answered otherwise, or need not be asked.",
            )
    last = None
    for talk in people:
        if talk.said.kind != last:
            last = talk.said.kind
            st.subheader(HEADINGS[last], anchor=False)
        _person(page, talk, said.get(talk.key))
    st.button(
        "Go on to publishing",
        type="primary",
        icon=":material/arrow_forward:",
        on_click=steps.go,
        args=(page, job, then),
    )


def answers(page: Frame, people: Sequence[Talk]) -> dict[str, str]:
    """Who said what so far, of what is still to be said."""
    kept: Mapping[str, str] = page.desk.get(_kept(page)) or {}
    return {t.key: kept[t.key] for t in people if t.key in kept}


def _kept(page: Frame) -> str:
    return f"review {page.files.key}"


def _person(page: Frame, talk: Talk, answer: str | None) -> None:
    box = st.container(border=True)
    row = box.container(horizontal=True, vertical_alignment="center")
    note = f" ({plain(talk.said.note)})" if talk.said.note else ""
    who = talk.said.rows[0].who if not steps.initials(page) else talk.said.who.name
    family = "Family of " if talk.said.kind == "family" and steps.initials(page) else ""
    row.markdown(f"**{plain(family + who)}**{note}", width="stretch")
    if talk.here and talk.person[0] != "desk":
        key = f"answer {page.files.key} {talk.key}"
        st.session_state[key] = answer
        row.segmented_control(
            f"What {plain(who)} says",
            [YES, NO],
            key=key,
            on_change=_answer,
            args=(page, talk.key, key),
            label_visibility="collapsed",
        )
    for line in talk.said.rows:
        box.markdown(plain(line.sentence))
        if line.before and line.now:
            box.caption(f"Before: {plain(line.before)}  \nNow: {plain(line.now)}")


def _answer(page: Frame, talk: str, key: str) -> None:
    require("scheduler")
    kept = dict(page.desk.get(_kept(page)) or {})
    kept.pop(talk, None)
    said = st.session_state[key]
    page.desk.put(_kept(page), kept | ({talk: said} if said else {}))


def _all_accept(page: Frame, talks: Sequence[str]) -> None:
    require("scheduler")
    kept = dict(page.desk.get(_kept(page)) or {})
    page.desk.put(_kept(page), kept | dict.fromkeys(talks, YES))


# -- refusals -------------------------------------------------------------------------------------


def _refused(page: Frame, job: str, refused: Sequence[Talk]) -> None:
    if not refused:
        return
    names = report.listing(_name(page, t) for t in refused)
    box = st.container(border=True)
    box.markdown(
        f":orange[:material/undo:] **{plain(names)}** {'refuses' if len(refused) == 1 else 'refuse'}. "
        "They can keep what they had:"
    )
    row = box.container(horizontal=True)
    people = [t.person for t in refused]
    row.button(
        "Put back what they had",
        icon=":material/settings_backup_restore:",
        on_click=_put_back,
        args=(page, people),
        help="At once. Whoever's new arrangement stands in the way is put back as well, and named.",
    )
    row.button(
        "Look for another week around them",
        icon=":material/balance:",
        on_click=_around,
        args=(page, job, people),
        help="What they had is locked, and the rest is rebalanced once more.",
    )


def _name(page: Frame, talk: Talk) -> str:
    name = talk.said.who.name
    return f"the family of {name}" if talk.said.kind == "family" else name


def _put_back(page: Frame, people: Sequence[Person]) -> None:
    require("scheduler")
    opened = page.opened
    assert opened.schedule is not None
    found = put_back(Clinic(opened.scenario), opened.schedule, people)
    if found.schedule is None:
        why = _shown(page, found)
        steps.tell(
            "failed",
            "What they had cannot simply be put back. Nothing was changed. Look for another week "
            "around them.",
            *why,
        )
        return
    old = opened.schedule
    if steps.take(page, "Put back who refused", found.schedule):
        steps.tell("done", *_what_it_costs(page, found, old))


def _shown(page: Frame, found: PutBack) -> list[str]:
    """The rules' words, which name people by their ids."""
    return [steps.in_names(page, text) for text in found.reasons]


def _what_it_costs(page: Frame, found: PutBack, old: Schedule) -> list[str]:
    clinic = page.opened.clinic
    real = Clinic(page.opened.scenario)
    masked = Unmasked(page.opened).masked
    out = ["What they had is put back."]
    if found.others:
        names = [
            clinic.therapists[id].name
            if kind == "therapist" and id in clinic.therapists
            else clinic.patients[masked[id]].name
            for kind, id in found.others
            if (kind == "therapist" and id in clinic.therapists) or id in masked
        ]
        out.append(f"To be told anew because of it: {report.listing(names)}.")
    assert found.schedule is not None
    lost = losses(real, old, found.schedule)
    if lost and steps.initials(page):
        out.append(f"{report.count(len(lost), 'patient')} loses care that is due by it.")
    out += [] if steps.initials(page) else lost
    return [*out, *(f"Could not stay as it was: {why}." for why in _shown(page, found))]


def _around(page: Frame, job: str, people: Sequence[Person]) -> None:
    """Rebalance again, with what they had locked."""
    require("scheduler")
    masked = Unmasked(page.opened).masked
    shown = [(kind, masked.get(id, id)) for kind, id in people]
    base = page.opened.clinic.scenario.baseline
    assert base is not None
    locks = locks_on(base, shown)
    if not locks:
        steps.tell("note", "What they refuse is all new to them: put it back instead.")
        return
    if job != "next":
        job = "rebalance"
        frame.choose(page.desk, "next.job", job)
    # Near to what they had before, not to the week that they refuse.
    frame.choose(page.desk, "rebalance.from", steps_rebalance.BEFORE)
    steps_rebalance.ask(page, locks)
    steps.go(page, job, "rebalance")


def locks_on(base: Schedule, people: Sequence[Person]) -> list[str]:
    """Locks that keep what people have in a baseline, as the command line writes them."""
    out = []
    for kind, id in people:
        if kind == "therapist":
            days = {d for e in _led(base, id) for d in e}
            out += [f"therapist={id},day={day}" for day in sorted(days)]
            continue
        if kind == "patient":
            out += [f"section={s.id}" for s in base.sections if id in s.members]
        out += [f"appointment={a.id}" for a in base.appointments if a.patient == id]
    return list(dict.fromkeys(out))


def _led(base: Schedule, therapist: str) -> list[list[str]]:
    def days(s: Section) -> list[str]:
        return [m.day for m in s.meetings if therapist in s.leaders_at(m)]

    seen = [[a.day] for a in base.appointments if a.therapist == therapist]
    return [*map(days, base.sections), *seen]


def summary(people: Sequence[Talk], said: Mapping[str, str]) -> list[str]:
    """How it stands with the answers, in sentences."""
    to_call = [t for t in people if t.here and t.person[0] != "desk"]
    refused = [t for t in to_call if said.get(t.key) == NO]
    open_ = [t for t in to_call if t.key not in said]
    out = []
    if refused:
        out.append(f"{report.count(len(refused), 'person')} refused and still has the new times.")
    if open_:
        out.append(f"{report.count(len(open_), 'answer')} still to come.")
    return out


__all__ = [
    "NO",
    "YES",
    "Talk",
    "answers",
    "changed",
    "listed",
    "locks_on",
    "review",
    "summary",
    "talks",
]
