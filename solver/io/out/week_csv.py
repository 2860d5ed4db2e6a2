"""The sessions of a week as a CSV file.

UTF-8 with a byte order mark, because spreadsheets take letters beyond ASCII for others without one;
lines end as RFC 4180 has it. A text that a spreadsheet would calculate stands behind an apostrophe.
"""

from __future__ import annotations

import csv
import io

from .listing import headings, rows
from .readers import Readers, Subject
from .text import no_formula


def sessions_csv(readers: Readers, subject: Subject | None) -> bytes:
    """All sessions with all names (no ``subject``), or those of one, as they may know them."""
    entries = readers.week(subject) if subject else readers.everything()
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(headings(subject is None))
    for row in rows(readers.clinic, entries, subject is None):
        writer.writerow(map(no_formula, row))
    return out.getvalue().encode("utf-8-sig")
