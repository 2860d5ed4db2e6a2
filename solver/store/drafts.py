"""Drafts: what a person was doing, so that it is still there after a refresh.

A draft is one person's own and concerns nobody until it is saved, so it has no line in the audit trail.
Its owner is who is signed in, or the browser's own opaque id where nobody is; its key says what it is
(``state``, ``week/own-1f/scenario``). Drafts of nobody who comes back are forgotten after a while.
"""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import delete, select

from ..io.files import parse_json
from . import texts
from .database import Database, short_text
from .differences import Difference, differences
from .errors import Conflict
from .tables import Draft

DAYS_KEPT = 30


class Drafts:
    """The drafts of a store."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, owner: str, key: str) -> Draft | None:
        """A draft, with its text and its number; None where there is none."""
        with self._database.reading() as session:
            return session.get(Draft, (owner, key))

    def keys(self, owner: str) -> list[str]:
        """What a person has drafts of, in the order of the alphabet."""
        with self._database.reading() as session:
            found = select(Draft.key).where(Draft.owner == owner).order_by(Draft.key)
            return list(session.scalars(found))

    def put(
        self, owner: str, key: str, content: texts.Content, *, based_on: int | None = None
    ) -> Draft:
        """Keep a draft in place of the one before.

        Args:
            content: JSON.
            based_on: the number of the draft it was made from, 0 where there was none: a draft that
                another tab has changed is then not replaced. Left out, the last one counts.

        Raises:
            Conflict: another tab has changed it.
            FileFaults: the content is no JSON.
        """
        text = texts.text_of(content)
        parse_json(text)
        owner, key = short_text(owner, "whoever has a draft"), short_text(key, "a draft")
        with self._database.writing(owner, audited=False) as writing:
            draft = writing.session.get(Draft, (owner, key))
            number = draft.number if draft is not None else 0
            if draft is not None and draft.content == text:
                return draft
            if based_on is not None and based_on != number:
                at = draft.changed_at if draft is not None else writing.at
                raise Conflict("draft", based_on, number, owner, at, _changed(text, draft))
            if draft is None:
                draft = Draft(owner=owner, key=key)
                writing.session.add(draft)
            draft.number, draft.content, draft.changed_at = number + 1, text, writing.at
            return draft

    def remove(self, owner: str, key: str) -> None:
        """Forget a draft; that there is none does not matter."""
        with self._database.writing(owner, audited=False) as writing:
            draft = writing.session.get(Draft, (owner, key))
            if draft is not None:
                writing.session.delete(draft)

    def forget_old(self, days: int = DAYS_KEPT) -> int:
        """Forget what nobody has touched for so long; how many drafts that was."""
        oldest = self._database.now() - timedelta(days=days)
        with self._database.writing("iop", audited=False) as writing:
            # By person: where one draft is in use, the others beside it are not forgotten.
            used = select(Draft.owner).where(Draft.changed_at >= oldest)
            gone = writing.session.execute(delete(Draft).where(Draft.owner.not_in(used)))
            return int(getattr(gone, "rowcount", 0))


def _changed(mine: str, theirs: Draft | None) -> tuple[Difference, ...]:
    """How the draft that is there differs from the one that was to be kept."""
    was = parse_json(mine)
    now = parse_json(theirs.content) if theirs is not None else {}
    if isinstance(was, dict) and isinstance(now, dict):
        return differences(was, now)
    return ()
