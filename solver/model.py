"""From a scenario, and what is free around a ledger, to a model that obeys every rule."""

from __future__ import annotations

from collections.abc import Iterable

from .clinic import Clinic
from .ledger import Ledger
from .options import Free
from .pins import settled_ledger
from .rules import RULES, Rule
from .strengthen import strengthen
from .variables import Variables


def build(
    clinic: Clinic,
    around: Ledger | None = None,
    free: Free | None = None,
    *,
    rules: Iterable[Rule] = RULES,
    stronger: bool = True,
    deadline: float | None = None,
) -> Variables:
    """The model of what is free around a ledger; by default the whole week around what is locked.

    Args:
        around: what stays; it is never changed.
        free: what may be added to it; everything by default.
        rules: rules to post, in any order.
        stronger: add the constraints of ``strengthen``, which never change the optimum.
        deadline: ``time.monotonic()`` after which OutOfTime is raised.
    """
    around = settled_ledger(clinic) if around is None else around
    v = Variables(clinic, around, free or Free.everything(clinic), deadline)
    for rule in rules:
        rule.post(v)
    if stronger:
        strengthen(v)
    return v
