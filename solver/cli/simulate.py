"""`iop simulate`: what no-shows and sick leave make of a week."""

# ruff: noqa: PLC0415 - a command imports what it needs when it is called, so that all start fast
from __future__ import annotations

import math
from typing import TYPE_CHECKING, Annotated

import typer

from .options import LARGEST_SEED, AsJson, ScenarioFile, ScheduleFile
from .terminal import UsageFault, note, out, out_json, read_week, rendered

if TYPE_CHECKING:
    from rich.console import RenderableType

    from ..clinic import Clinic
    from ..risk import Estimate, Gain, MeetingRisk, PatientRisk, Rates, Risk
    from ..schedule import Schedule

MOST_OFFERS = 20


def simulate(
    scenario: ScenarioFile,
    schedule: ScheduleFile,
    weeks: Annotated[
        int, typer.Option("--weeks", metavar="N", min=2, help="Weeks to live through.")
    ] = 1000,
    seed: Annotated[
        int,
        typer.Option("--seed", metavar="N", min=0, max=LARGEST_SEED, help="Seed of all luck."),
    ] = 1,
    show_rate: Annotated[
        float | None,
        typer.Option(
            "--show-rate", metavar="0…1", help="For patients whose show_rate the file leaves out."
        ),
    ] = None,
    absence_rate: Annotated[
        float | None,
        typer.Option(
            "--absence-rate",
            metavar="0…1",
            help="For therapists whose absence_rate the file leaves out.",
        ),
    ] = None,
    substitutes: Annotated[
        bool,
        typer.Option("--substitutes", help="Whoever is free takes a group whose leaders are away."),
    ] = False,
    offers: Annotated[
        int,
        typer.Option(
            "--offers", metavar="N", min=0, max=MOST_OFFERS, help="Make-up places to look for."
        ),
    ] = 3,
    as_json: AsJson = False,
) -> None:
    """Live through a week many times, with no-shows and sick leave.

    Says for each patient the chance of reaching the weekly minimum, for each group the chance that
    fewer come than its least size, the paid days to expect, and which make-up places or spare seats
    would help most. Numbers after ± are standard errors.

    \b
    Examples:
      iop simulate scenarios/matrix-evening.json week.json
      iop simulate scenarios/matrix-evening.json week.json --weeks 10000 --seed 2 --substitutes
    """
    from ..risk import ABSENCE_RATE, MOST_WEEKS, SHOW_RATE, Rates
    from ..risk import simulate as live

    if weeks > MOST_WEEKS:
        raise UsageFault(f"--weeks {weeks}: found more than {MOST_WEEKS:,}")
    rates = Rates(
        _rate("--show-rate", show_rate, SHOW_RATE),
        _rate("--absence-rate", absence_rate, ABSENCE_RATE),
    )
    clinic, week = read_week(scenario, schedule)
    _warn(clinic, week)
    risk = live(clinic, week, weeks, seed, rates=rates, substitutes=substitutes, most_offers=offers)
    if as_json:
        rate = {"show": rates.show, "absence": rates.absence}
        out_json({"seed": seed, "rates": rate, "substitutes": substitutes, **risk.document()})
    else:
        out(rendered(*_text(risk, seed, rates, substitutes, offers)))


def _rate(option: str, given: float | None, default: float) -> float:
    if given is None:
        return default
    if not (math.isfinite(given) and 0 <= given <= 1):
        raise UsageFault(f"{option} {given:g}: found no number from 0 to 1")
    return given


def _warn(clinic: Clinic, week: Schedule) -> None:
    from .. import report
    from ..checker import check

    if violations := check(clinic, week):
        broken = report.count(len(report.broken_rules(violations)), "rule")
        note(f"note: this schedule breaks {broken}; iop check names every violation")


def _text(
    risk: Risk, seed: int, rates: Rates, substitutes: bool, offers: int
) -> list[RenderableType]:
    from rich.text import Text

    from .. import report
    from . import tables

    clinic, totals = risk.weeks.clinic, risk.outcome.totals
    count = f"{risk.weeks.luck.weeks:,} simulated weeks, seed {seed}"
    start = report.long_date(clinic.scenario.week_start)
    parts: list[RenderableType] = [
        tables.heading(f"{clinic.scenario.name}, week of {start}: {count}.")
    ]
    parts += [Text(sentence) for sentence in _assumed(clinic, rates, substitutes)]
    parts.append(Text(""))
    parts.append(
        Text(
            f"Of {report.count(totals.patients, 'patient')}, {totals.planned_reaching} reach their "
            f"weekly minimum if everybody comes, and {_number(totals.reaching)} in an average week; "
            f"{_number(totals.having_all)} get everything that is due."
        )
    )
    hours = f"{totals.minutes.value / 60:,.1f} of {totals.planned_minutes / 60:,.1f} planned hours"
    paid = f"{_number(totals.paid_days)} paid days where {totals.planned_paid_days} are planned"
    parts.append(Text(f"{hours} are attended; {paid}."))
    if totals.revenue is not None:
        brings = f"{totals.revenue.value:,.0f} ± {totals.revenue.error:,.0f}"
        parts.append(
            Text(f"Paid days within what is authorised bring {brings} in an average week.")
        )
    parts += [Text(""), _patients(clinic, risk.outcome.patients)]
    if risk.outcome.meetings:
        parts += [Text(""), _meetings(clinic, risk.outcome.meetings)]
    return [*parts, *(_offers(risk, risk.gains) if offers else ())]


def _assumed(clinic: Clinic, rates: Rates, substitutes: bool) -> list[str]:
    from ..risk import ABSENCE_RATE, ABSENCE_SOURCE, SHOW_RATE, SHOW_SOURCE

    out = []
    if silent := sum(p.show_rate is None for p in clinic.patients.values()):
        source = f" ({SHOW_SOURCE})" if rates.show == SHOW_RATE else ""
        out.append(
            f"{silent} of {len(clinic.patients)} patients state no show rate: "
            f"{rates.show:.1%} is taken{source}."
        )
    if silent := sum(t.absence_rate is None for t in clinic.therapists.values()):
        source = f" ({ABSENCE_SOURCE})" if rates.absence == ABSENCE_RATE else ""
        out.append(
            f"{silent} of {len(clinic.therapists)} therapists state no absence rate: "
            f"{rates.absence:.1%} is taken{source}."
        )
    who = "is taken by whoever is free and may lead it" if substitutes else "falls out"
    out.append(f"A group meeting whose leaders are all away {who}.")
    return out


def _number(estimate: Estimate) -> str:
    return f"{estimate.value:,.1f} ± {estimate.error:.1f}"


def _percent(estimate: Estimate) -> str:
    return f"{100 * estimate.value:.0f} % ± {100 * estimate.error:.1f}"


def _patients(clinic: Clinic, patients: tuple[PatientRisk, ...]) -> RenderableType:
    from .. import report
    from . import tables

    rows = [
        (
            report.label(report.Named(p.patient, clinic.patients[p.patient].name)),
            f"{report.hours(p.planned_minutes)} of {report.hours(p.least_minutes)} h",
            f"{p.minutes.value / 60:.1f} h",
            _percent(p.reaches),
            _percent(p.has_all),
            f"{p.paid_days.value:.1f} of {p.planned_paid_days}",
        )
        for p in sorted(patients, key=lambda p: p.reaches.value)
    ]
    columns = ("Patient", "Planned", "Attended", "Reaches minimum", "All due", "Paid days")
    return tables.table(columns, rows, numbers=range(1, 6))


def _meetings(clinic: Clinic, meetings: tuple[MeetingRisk, ...]) -> RenderableType:
    from .. import report
    from ..timegrid import DAY_NAMES, clock
    from . import tables

    rows = [
        (
            report.label(report.Named(m.section, clinic.groups[m.group].name)),
            f"{DAY_NAMES[m.day][:3]} {clock(m.start)}",
            f"{m.come.value:.1f} of {m.due}",
            m.least,
            _percent(m.too_few),
            _percent(m.falls_out),
        )
        for m in sorted(meetings, key=lambda m: (-m.too_few.value, m.day, m.start))
    ]
    columns = ("Group", "Meets", "Come", "Least", "Too few come", "Nobody leads")
    return tables.table(columns, rows, numbers=range(2, 6))


def _offers(risk: Risk, gains: tuple[Gain, ...]) -> list[RenderableType]:
    from rich.text import Text

    from . import tables

    title = [Text(""), tables.heading("What would help most, each beside those before it")]
    if not gains:
        return [*title, tables.indented("No seat to spare and no free hour would help anybody.")]
    sentences = [
        f"{_capital(g.offer.sentence(risk.weeks.ledger))}: {g.reaching.value:+.2f} ± "
        f"{g.reaching.error:.2f} patients reach their minimum, {g.minutes.value / 60:+.1f} h and "
        f"{g.paid_days.value:+.2f} paid days a week; {g.used.value:.1f} places are taken."
        for g in gains
    ]
    return [*title, tables.numbered(sentences)]


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
