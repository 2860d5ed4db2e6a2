"""Contradictions that the data shows without any solve: locks that break rules, care nobody can give."""

from __future__ import annotations

from collections import Counter

from ..checker import check
from ..clinic import Clinic
from ..ledger import Ledger
from ..pins import settled_ledger
from ..rules import RULES
from ..screening import screening_of
from .wording import nothing as wording
from .wording.names import Names

_LASTING = {r.key for r in RULES if not r.mended_by_adding}
"""Rules that more sessions cannot mend: what is locked and breaks one can never become legal."""


def contradictions(clinic: Clinic) -> list[str]:
    """Why there is no schedule, one sentence each, as far as the data alone shows it."""
    names = clinic.remember("names", lambda: Names(clinic, Ledger(clinic)))
    return [*_locked(clinic, names), *_seats(clinic, names), *_strict(clinic, names)]


def _locked(clinic: Clinic, names: Names) -> list[str]:
    if not clinic.scenario.locks:
        return []
    ledger = settled_ledger(clinic)
    ledger.not_admitted = None
    found = [
        v
        for v in check(clinic, ledger)
        if v.rule in _LASTING or _too_large(clinic, ledger, v.subject, v.rule)
    ]
    return [wording.locked(names, v.rule, v.message) for v in found]


def _too_large(clinic: Clinic, ledger: Ledger, subject: str, rule: str) -> bool:
    """Sections that are too large stay so; those that are too small may still fill."""
    running = ledger.sections.get(subject)
    if rule != "group_size" or running is None:
        return False
    return len(running.members) > clinic.groups[running.group].size.max


def _seats(clinic: Clinic, names: Names) -> list[str]:
    """Locks on seats that the patient may not take, or more of them than there are seats."""
    screen = screening_of(clinic)
    out, wanted = [], Counter[str]()
    for lock in clinic.scenario.locks:
        if not (lock.patient and lock.group) or not _binds(clinic, lock.patient, lock.group):
            continue
        group = clinic.groups[lock.group]
        wanted[group.id] += 1
        modes = screen.seat_modes(lock.patient, group.id)
        starts = 0
        for mode in modes:
            starts |= screen.seat_starts(lock.patient, group.id, mode)
        if not modes:
            out.append(wording.barred(names, lock.patient, group.id))
        elif not starts & screen.gathering(group.id):
            out.append(wording.never_there(names, lock.patient, group.id))
    for id, number in wanted.items():
        group = clinic.groups[id]
        if number > group.size.max * group.max_sections:
            out.append(wording.too_many(names, id, number, group.size.max * group.max_sections))
    return out


def _binds(clinic: Clinic, patient: str, group: str) -> bool:
    """Whether the lock asks for a seat: not where all their sections fell on closed dates."""
    were_in = [
        s for s in clinic.baseline_sections.values() if s.group == group and patient in s.members
    ]
    return not were_in or any(clinic.open_meetings(s) for s in were_in)


def _strict(clinic: Clinic, names: Names) -> list[str]:
    """Care that is due to somebody and that nobody could ever give, where none may be missing."""
    if "unmet_care" not in clinic.scenario.policy.strict:
        return []
    out = []
    for p in clinic.patients:
        if clinic.is_waiting(p):
            continue
        needs = clinic.needs[p]
        for service, (least, most) in needs.quotas.items():
            if (least and not _ever(clinic, p, service)) or (most is not None and least > most):
                out.append(wording.never_given(names, p, service))
        if _most_minutes(clinic, p) < needs.minutes_min:
            out.append(wording.too_little(names, p))
    return out


def _ever(clinic: Clinic, patient: str, service: str) -> bool:
    """Whether there is a time at which the patient could have the service at all."""
    screen = screening_of(clinic)
    if clinic.services[service].format != "group":
        carers = screen.carers(patient, service)
        return any(
            screen.visit_starts(patient, service, remote) & screen.care_starts(t, service, remote)
            for t in carers
            for remote in (False, True)
        )
    return any(
        screen.seat_starts(patient, g.id, mode) & screen.gathering(g.id)
        for g in clinic.scenario.groups
        if g.service == service
        for mode in screen.seat_modes(patient, g.id)
    )


def _most_minutes(clinic: Clinic, patient: str) -> int:
    """Clinical minutes that the quotas allow in a week; very many where one has no maximum."""
    total = 0
    for service, (_, most) in clinic.needs[patient].quotas.items():
        longest = max(
            [g.clinical for g in clinic.scenario.groups if g.service == service],
            default=clinic.services[service].clinical,
        )
        if clinic.services[service].format != "group":
            longest = clinic.services[service].clinical
        if most is None and longest:
            return 1_000_000
        total += longest * (most or 0)
    return total
