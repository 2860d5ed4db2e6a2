"""The call list: who must be told what, on paper and as a file."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

import streamlit as st

from solver import report
from solver.clinic import Clinic
from solver.diff import difference
from solver.io.out.sheets import CONFIDENTIAL, Column, TableSheet
from solver.report.diff import Heard, heard

from ..desk.frame import Frame
from .steps import initials
from .text import cell

COLUMNS = (
    Column("Whom to call", 22),
    Column("What", 18),
    Column("Before", 25),
    Column("Now", 25),
    Column("Told, when, by", 10),
)
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def to_call(people: Sequence[Heard]) -> list[tuple[str, str, str, str, str]]:
    """A row for each thing to tell; the name stands in the first of a person's rows."""
    return [
        (row.who if number == 0 else "", row.what, row.before or "nothing", row.now or "ends", "")
        for person in callable_people(people)
        for number, row in enumerate(person.rows)
    ]


def callable_people(people: Sequence[Heard]) -> list[Heard]:
    """Those who are here, and are people."""
    return [p for p in people if p.kind != "desk" and p.note != "no longer here"]


def sheet(clinic: Clinic, people: Sequence[Heard]) -> TableSheet:
    """The list as it is printed."""
    start = report.long_date(clinic.scenario.week_start)
    return TableSheet(
        heading="Call list",
        note=f"{clinic.scenario.name}, week of {start}",
        call_out="",
        columns=COLUMNS,
        rows=tuple(to_call(people)),
        to_sign=False,
        closing="",
        footer=CONFIDENTIAL,
    )


def as_csv(people: Sequence[Heard]) -> bytes:
    """The list as a file for a spreadsheet; text that starts like a formula stays text."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([column.name for column in COLUMNS])
    last = ""
    for who, *rest in to_call(people):
        last = who or last
        writer.writerow([f"'{t}" if t.startswith(_FORMULA) else t for t in (last, *rest)])
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def calls(page: Frame) -> None:
    """The list on the page, and its files."""
    week, opened = page.opened.week, page.opened
    if week is None or week.clinic.scenario.baseline is None or opened.schedule is None:
        return
    shown = heard(
        week.clinic, difference(week.clinic, week.clinic.scenario.baseline, week.schedule)
    )
    rows = [
        {
            "Whom to call": cell(row.who if not initials(page) else person.who.name),
            "What to say": cell(row.sentence),
            "Now": cell(row.now or "ends"),
        }
        for person in callable_people(shown)
        for row in person.rows
    ]
    st.subheader("Call list", anchor=False)
    if not rows:
        st.markdown("Nobody has to be called.")
        return
    st.dataframe(rows, hide_index=True, alt="Whom to call, and what to say.")

    def people() -> tuple[Clinic, Sequence[Heard]]:
        clinic = Clinic(opened.scenario)
        assert opened.scenario.baseline is not None
        assert opened.schedule is not None
        return clinic, heard(clinic, difference(clinic, opened.scenario.baseline, opened.schedule))

    def pdf() -> bytes:
        from solver.io.out.pdf import pdf as written  # noqa: PLC0415 - only when it is asked for

        clinic, said = people()
        return written((sheet(clinic, said),), "Call list", "letter")

    row = st.container(horizontal=True)
    stem = f"call-list-{opened.scenario.week_start}"
    row.download_button(
        "To print (PDF)",
        pdf,
        f"{stem}.pdf",
        "application/pdf",
        icon=":material/print:",
        on_click="ignore",
        help="With full names, for whoever calls.",
    )
    row.download_button(
        "As a table (CSV)",
        lambda: as_csv(people()[1]),
        f"{stem}.csv",
        "text/csv",
        icon=":material/download:",
        on_click="ignore",
        help="With full names, for whoever calls.",
    )
