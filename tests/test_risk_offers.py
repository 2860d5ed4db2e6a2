"""Make-up places: who may have them, what they are worth exactly, and `iop simulate` around them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from solver.cli.simulate import simulate as command
from solver.cli.terminal import UsageFault
from solver.ledger import Ledger
from solver.risk import Gain, Rates, Risk, simulate
from solver.risk.offers import Offer, offers
from tests.builders import (
    Json,
    clinic,
    group,
    meeting,
    patient,
    plan,
    program,
    quota,
    read,
    section,
    therapist,
    visit,
    week,
    window,
)
from tests.test_risk import near, of

WEEKS = 4000
MONDAYS = section(["pat"], meeting("mon", "09:00"), name="mo")
TUESDAYS = section(["sam"], meeting("tue", "09:00"), name="tu", leaders=["bob"])


def two_sections(**facts: object) -> tuple[Json, Json]:
    """Pat's group meets on Monday, Sam's on Tuesday with seats to spare; no hour is free besides."""
    scenario = clinic(
        opening_hours=window("09:00", "10:00", "mon", "tue"),
        programs=[program(minutes_per_week={"min": 60}, quotas=[quota("talk")])],
        groups=[group(max_sections=2)],
        rooms=[{"id": "big", "name": "big", "capacity": 4}],
        patients=[patient("pat", show_rate=0.6), patient("sam", show_rate=0.9)],
    )
    return scenario | facts, week(MONDAYS, TUESDAYS)


def found(scenario: Json, schedule: Json, wanting: list[str] | None = None) -> list[Offer]:
    here = read(scenario)
    return offers(Ledger(here, plan(schedule, here)), wanting or list(here.patients))


def seats(scenario: Json, schedule: Json) -> dict[str, tuple[int, tuple[str, ...]]]:
    """Section -> spare seats and who may come to them."""
    return {
        o.places[0].ref or "": (o.places[0].seats, o.places[0].guests)
        for o in found(scenario, schedule)
        if o.kind == "seats"
    }


def best(scenario: Json, schedule: Json, most: int = 1) -> tuple[Risk, tuple[Gain, ...]]:
    here = read(scenario)
    rates = Rates(show=0.8, absence=0.0)
    risk = simulate(here, plan(schedule, here), WEEKS, 5, rates=rates, most_offers=most)
    return risk, risk.gains


def test_a_spare_seat_is_worth_missing_the_one_day_and_coming_on_the_other() -> None:
    risk, (gain,) = best(*two_sections())
    near(of(risk, "pat").reaches, 0.6)
    near(gain.reaching, 0.4 * 0.6)
    near(gain.minutes, 60 * 0.4 * 0.6)
    near(gain.used, 0.4)
    assert (gain.offer.kind, gain.offer.places[0].ref) == ("seats", "tu")
    said = gain.offer.sentence(risk.weeks.ledger)
    assert said == "the 3 spare seats of cbt (tu) on Tuesday 09:00"


def test_a_seat_on_an_earlier_day_helps_nobody() -> None:
    """Sam misses Tuesday when Monday is over; nobody knows on Monday."""
    scenario, schedule = two_sections()
    scenario["patients"][0]["show_rate"] = 1.0
    assert best(scenario, schedule)[1] == ()


def test_one_seat_goes_to_one_patient_those_of_high_priority_first() -> None:
    scenario, schedule = two_sections(
        groups=[group(max_sections=2, size={"min": 1, "max": 3})],
        patients=[
            patient("pat", show_rate=0.6),
            patient("pip", show_rate=0.5, priority=3),
            *(patient(s, show_rate=1.0) for s in ("sam", "sue")),
        ],
    )
    schedule["sections"][0]["members"] = ["pat", "pip"]
    schedule["sections"][1]["members"] = ["sam", "sue"]
    _, (gain,) = best(scenario, schedule)
    near(gain.used, 1 - 0.6 * 0.5)
    near(gain.reaching, 0.5 * 0.5 + 0.5 * 0.4 * 0.6)


def test_a_guest_whose_leader_is_away_gains_nothing() -> None:
    scenario, schedule = two_sections(
        therapists=[therapist("ann", absence_rate=0.0), therapist("bob", absence_rate=0.5)]
    )
    _, (gain,) = best(scenario, schedule)
    near(gain.reaching, 0.4 * 0.6 * 0.5)


@pytest.mark.parametrize(
    "facts",
    [
        {"days_per_week": {"max": 0}},
        {"quotas": [quota("talk", 0, 0)]},
        {"availability": window("09:00", "10:00", "mon")},
        {"keep_apart": ["sam"]},
        {"gender": "m"},
        {"languages": ["fr"]},
    ],
)
def test_guests_only_where_they_may_be(facts: Json) -> None:
    scenario, schedule = two_sections()
    scenario["groups"][0] |= {"language": "en", "eligible": {}}
    scenario["therapists"][1]["genders_served"] = ["f"]
    scenario["patients"][0] |= {"languages": ["en"], "gender": "f"}
    scenario["patients"][1] |= {"languages": ["en"], "gender": "f"}
    assert seats(scenario, schedule)["tu"] == (3, ("pat",))
    scenario["patients"][0] |= facts
    if "days_per_week" in facts:  # a maximum of the week is known only as the week goes
        assert best(scenario, schedule)[1] == ()
    else:
        assert "tu" not in seats(scenario, schedule)


@pytest.mark.parametrize(
    ("maximum", "helps"),
    [
        ({"minutes_per_week": {"min": 60, "max": 60}}, True),
        ({"rolling_sessions": {"days": 2, "max": 1}}, True),
        ({"attended_day_minutes": {"max": 59}}, False),
        ({"sessions_per_day": {"max": 0}}, False),
        ({"quotas": [quota("talk", 0, 1)]}, True),
    ],
)
def test_what_was_missed_does_not_count_towards_a_maximum(maximum: Json, helps: bool) -> None:
    scenario, schedule = two_sections()
    scenario["patients"][0] |= maximum
    assert bool(best(scenario, schedule)[1]) == helps


@pytest.mark.parametrize(
    "facts",
    [
        {"minutes_per_week": {"min": 120}, "quotas": [quota("talk", 0, 1)]},
        {"minutes_per_week": {"min": 61, "max": 119}},
        {"minutes_per_week": {"min": 120}, "days_per_week": {"max": 1}},
        {"minutes_per_week": {"min": 120}, "rolling_sessions": {"days": 2, "max": 1}},
    ],
)
def test_what_was_had_counts_towards_a_maximum(facts: Json) -> None:
    """Pat is short of minutes either way, but whoever came on Monday may have nothing more."""
    scenario, schedule = two_sections()
    scenario["patients"][0] |= facts
    _, (gain,) = best(scenario, schedule)
    near(gain.used, 0.4)
    near(gain.minutes, 60 * 0.4 * 0.6)


def test_no_seat_beyond_the_room_and_none_in_closed_groups() -> None:
    scenario, schedule = two_sections()
    scenario["rooms"][0]["capacity"] = 2
    assert seats(scenario, schedule)["tu"] == (1, ("pat",))
    scenario["rooms"][0]["capacity"] = 1
    assert seats(scenario, schedule) == {}
    scenario, schedule = two_sections()
    scenario["groups"][0]["closed"] = True
    assert found(scenario, schedule) == []


def test_a_free_hour_is_offered_once_for_each_effect() -> None:
    scenario = clinic(
        programs=[program(minutes_per_week={"min": 30}, quotas=[quota("solo")])],
        therapists=[therapist("ann", absence_rate=0.0, max_minutes_per_day=60)],
        groups=[],
        patients=[patient("pat", show_rate=0.5)],
    )
    offered = found(scenario, week(visit()))
    assert [o.kind for o in offered] == ["hour"] * 5  # one a day: every half hour of a day is alike
    _, (gain,) = best(scenario, week(visit()))
    near(gain.reaching, 0.25)
    scenario["therapists"][0]["max_minutes_per_week"] = 30
    assert found(scenario, week(visit())) == []


def test_one_more_meeting_and_a_block_that_makes_a_paid_day() -> None:
    scenario = clinic(
        opening_hours=window("09:00", "11:00", "mon", "wed"),
        programs=[
            program(
                minutes_per_week={"min": 120},
                attended_day_minutes={"min": 120},
                quotas=[quota("talk")],
            )
        ],
        therapists=[therapist("ann", absence_rate=0.0)],
        groups=[
            group(start_times=["09:00"], day_patterns=[["mon"], ["wed"]]),
            group("art", start_times=["10:00"], day_patterns=[["mon"], ["wed"]]),
        ],
        patients=[patient("pat", show_rate=0.7)],
    )
    schedule = week(section(["pat"]), section(["pat"], meeting("mon", "10:00"), name="t", of="art"))
    offered = found(scenario, schedule)
    assert sorted((o.kind, len(o.places)) for o in offered) == [("block", 2), ("meeting", 1)]
    risk, (gain,) = best(scenario, schedule)
    assert gain.offer.kind == "block"
    near(gain.reaching, 0.3 * 0.7)
    near(gain.paid_days, 0.3 * 0.7)
    said = gain.offer.sentence(risk.weeks.ledger)
    assert said == "a make-up block on Wednesday: cbt at 09:00, art at 10:00"


def test_each_offer_is_found_beside_those_before_it() -> None:
    """Two later days are alike; the second adds what the first has left."""
    scenario, schedule = two_sections(opening_hours=window("09:00", "10:00", "mon", "tue", "wed"))
    scenario["groups"][0]["max_sections"] = 3
    scenario["therapists"].append(therapist("eve"))
    schedule["sections"].append(section(["sam"], meeting("wed", "09:00"), name="we"))
    scenario["groups"][0]["per_patient"] = 2
    scenario["patients"][1]["show_rate"] = 1.0
    _, gains = best(scenario, schedule, most=2)
    assert {g.offer.places[0].ref for g in gains} == {"tu", "we"}
    near(gains[0].reaching, 0.4 * 0.6)
    near(gains[1].reaching, 0.4 * 0.4 * 0.6)


# ---------------------------------------------------------------- the command


@pytest.fixture
def files(tmp_path: Path) -> list[str]:
    scenario, schedule = two_sections()
    scenario["patients"][0]["name"] = "[red]Pat\x1b"
    paths = [tmp_path / "scenario.json", tmp_path / "week.json"]
    for path, content in zip(paths, (scenario, schedule), strict=True):
        path.write_text(json.dumps(content), "utf-8")
    return [str(path) for path in paths]


def run(*arguments: object) -> tuple[str, str]:
    app = typer.Typer()
    app.command()(command)
    done = CliRunner().invoke(app, [str(a) for a in arguments], catch_exceptions=False)
    assert done.exit_code == 0, done.stderr
    return done.stdout, done.stderr


def test_the_command_in_words(files: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "120")
    said, _ = run(*files, "--weeks", 500, "--absence-rate", "0")
    assert "500 simulated weeks, seed 1" in said
    assert "2 of 2 therapists state no absence rate: 0.0% is taken." in said
    assert "[red]Pat" in said
    assert "\x1b" not in said
    assert "1. The 3 spare seats of cbt (tu) on Tuesday 09:00: +0.2" in said
    assert "Too few come" in said


def test_the_command_for_machines(files: list[str]) -> None:
    answer = json.loads(run(*files, "--weeks", 500, "--seed", 9, "--json", "--offers", 0)[0])
    assert (answer["weeks"], answer["seed"], answer["offers"]) == (500, 9, [])
    pat = answer["patients"][0]
    assert abs(pat["reaches"]["value"] - 0.6 * 0.96) < 0.1
    assert 0 < pat["reaches"]["standard_error"] < 0.03
    assert answer["rates"] == {"show": 0.801, "absence": 0.04}
    assert [m["start"] for m in answer["meetings"]] == ["09:00", "09:00"]


@pytest.mark.parametrize(
    "option", [("--weeks", "30000"), ("--show-rate", "1.2"), ("--absence-rate", "nan")]
)
def test_what_the_command_refuses(files: list[str], option: tuple[str, str]) -> None:
    with pytest.raises(UsageFault, match=option[0]):
        run(*files, *option)


def test_an_illegal_week_is_simulated_with_a_warning(files: list[str]) -> None:
    path = Path(files[1])
    path.write_text(path.read_text("utf-8").replace("09:00", "09:15"), "utf-8")
    assert "breaks" in run(*files, "--weeks", 10)[1]
