"""What if: changes picked from forms, variants of chips, and the comparison in words."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from solver import report
from solver.changes import FORMS, Change, apply, parse_change
from solver.clinic import Clinic
from solver.io.files import load_scenario, load_schedule
from solver.scenario import Scenario
from solver.schedule import Schedule
from tests.builders import (
    Json,
    clinic,
    group,
    meeting,
    patient,
    plan,
    read,
    room,
    section,
    therapist,
    visit,
    week,
)
from ui.desk import frame
from ui.desk.privacy import Initials
from ui.desk.store import DEMO, READY, Desk
from ui.widgets.changes_fields import fields_of, policy_fields, value_of
from ui.widgets.changes_form import TOPICS, WISHES, stored
from ui.widgets.compare import people, sessions_in_words, signed, table, verdict
from ui.widgets.compare_names import Names
from ui.widgets.compare_variants import Variant, asked, free_name, kept, new_name, read_variants

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 120.0
MARKUP = "<b>Bo</b> :red[hi] **x**"


@pytest.fixture(scope="module")
def demo() -> Scenario:
    return load_scenario(READY / f"{DEMO}.json")[0]


def shown(desk: Desk, page: str = "what_if") -> AppTest:
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=PATIENCE)
    app.query_params[frame.PARAMETER] = desk.id
    app.switch_page(f"ui/{page}.py").run()
    assert not app.exception, app.exception[0].message
    return app


def click(app: AppTest, label: str, number: int = 0) -> AppTest:
    [b for b in app.button if b.label == label][number].click().run()
    assert not app.exception, app.exception[0].message
    return app


def box(app: AppTest, label: str) -> Any:
    return next(b for b in app.selectbox if b.label == label)


def words(app: AppTest) -> str:
    kinds = ("header", "subheader", "markdown", "caption", "info", "warning", "error", "success")
    texts = [str(element.value) for kind in kinds for element in app.get(kind)]
    texts += [c.label for c in app.checkbox] + [t.value.to_csv() for t in app.table]
    return "\n".join([*texts, *(option for b in app.selectbox for option in b.options)])


def until(app: AppTest, what: Callable[[str], bool]) -> AppTest:
    latest = time.monotonic() + PATIENCE
    while not what(words(app)):
        assert time.monotonic() < latest, words(app)
        time.sleep(0.2)
        app.run()
        assert not app.exception
    return app


def own_week(desk: Desk, scenario: Json, schedule: Json | None = None) -> Scenario:
    here = read(scenario)
    files = desk.add(here.scenario)
    if schedule is not None:
        files.take_schedule(plan(schedule, here))
    return here.scenario


def small() -> Json:
    """Two people, two therapists with an hour each; one named after a tag."""
    return clinic(
        patients=[patient("pat") | {"name": "Pat Lee"}, patient("sam") | {"name": MARKUP}],
        therapists=[therapist("ann"), therapist("bob")],
    )


# -- forms ----------------------------------------------------------------------------------------


def test_whatever_can_be_said_on_the_command_line_has_a_form() -> None:
    said = {parse_change(form.example).kind for form in FORMS}
    assert said <= {wish.kind for wish in WISHES}
    assert {wish.topic for wish in WISHES} == set(TOPICS)
    assert len({wish.key for wish in WISHES}) == len(WISHES)


def test_fields_of_an_entry_come_from_its_model_with_what_it_is_now(demo: Scenario) -> None:
    first = demo.groups[0]
    by_path = {f.path: f for f in fields_of(demo, "group", first.id)}
    assert (by_path["size.max"].title, by_path["size.max"].now) == ("Most size", first.size.max)
    assert by_path["max_sections"].title == "Most sections"
    assert by_path["modality"].allowed == ("in_person", "telehealth", "hybrid", "offsite")
    assert "16:30" in by_path["start_times"].allowed
    assert not {"id", "name", "leaders", "windows"} & set(by_path)
    program = {f.path: f for f in fields_of(demo, "program", demo.programs[0].id)}
    assert program["quotas.individual.min"].title == "Least sessions a week of Individual Session"


def test_every_field_can_be_set_and_makes_a_scenario(demo: Scenario) -> None:
    """Set to what it is, each one makes a change that the scenario takes."""
    for what, entries in [("group", demo.groups), ("room", demo.rooms), ("program", demo.programs)]:
        for field in fields_of(demo, what, entries[0].id):
            if field.now is None:
                continue
            change = {"kind": "change", "what": what, "id": entries[0].id}
            made = apply(demo, [_change(change | {"set": {field.path: field.now}})])
            assert len(made.patients) == len(demo.patients)
    order = policy_fields(demo)[0]
    turned = value_of(order, [*reversed(order.now)])
    made = apply(demo, [_change({"kind": "policy", "set": {"tiers": turned}})])
    assert made.policy is not None
    assert made.policy.tiers[0] == (order.now[-1],)


def _change(data: Json) -> Change:
    from solver.changes import read_change  # noqa: PLC0415 - only here

    return read_change(data)


def test_credentials_that_are_kept_keep_their_last_day(demo: Scenario) -> None:
    field = next(
        f for f in fields_of(demo, "therapist", demo.therapists[0].id) if f.path == "credentials"
    )
    dated = [{"id": "lcsw", "expires": "2027-01-31"}, {"id": "rn"}]
    again = type(field)(field.path, field.title, field.kind, dated, field.needed)
    assert value_of(again, ["lcsw", "lmft"]) == [dated[0], "lmft"]


# -- variants -------------------------------------------------------------------------------------


def test_chips_are_switched_removed_kept_and_asked() -> None:
    lose, more = parse_change("remove therapist t03"), parse_change("census +2")
    one = Variant("Variant 1").with_chip(lose, "Remove therapist Ann Lee (t03).").with_chip(more)
    assert one.name == "Remove therapist Ann Lee"
    assert one.switched(0).changes == (more,)
    assert one.switched(0).switched(0) == one
    assert one.without(1).changes == (lose,)
    assert read_variants(kept([one.switched(1), Variant("Empty")])) == [
        one.switched(1),
        Variant("Empty"),
    ]
    document = asked([one, one.switched(1), Variant("Empty"), Variant("base").with_chip(more)])
    assert [v["name"] for v in document["variants"]] == [one.name, f"{one.name} (2)", "base (2)"]
    assert document["variants"][1]["changes"] == [stored(lose)]


def test_a_variant_is_never_named_after_a_patient() -> None:
    gone = parse_change("remove patient p07")
    assert Variant("Variant 1").with_chip(gone, "Remove patient Pat Lee (p07).").name == "Variant 1"
    assert Variant("Mine").with_chip(parse_change("census +2"), "2 more.").name == "Mine"


def test_what_cannot_be_read_from_a_desk_is_left_out() -> None:
    assert read_variants(None) == [Variant("Variant 1")]
    assert read_variants(
        [{"name": "A", "chips": [{"change": {"kind": "gone"}, "on": True}, 3]}, 4]
    ) == [Variant("A")]
    assert new_name([Variant("Variant 2")]) == "Variant 2 (2)"
    assert free_name("A", {"A", "A (2)"}) == "A (3)"


# -- the comparison -------------------------------------------------------------------------------


def column(name: str, **facts: Any) -> Json:
    """A column of the command's answer; unmet care 60, proved, and ten of twelve served."""
    use = {"morning": {"used": 1, "there": 2, "share": 0.5}}
    money = {"staff_cost": 1000.0, "session_cost": 500.0, "without_cost": 0, "revenue": None}
    figures = {
        "active": 12, "served": 10, "minutes": 600, "minutes_due": 660, "attended": 20, "paid": 18,
        "waiting": 0, "admitted": 0, "rooms": use, "staff": use,
        "money": money | {"billed_days": 0, "unbilled_days": 0, "margin": None},
    }  # fmt: skip
    tier = {"goals": ["unmet_care"], "value": 60, "bound": 60, "proved": True}
    return {
        "name": name, "status": "optimal", "tiers": [tier], "differences": [], "figures": figures,
        "people": [], "reasons": [], "notices": [], "sentences": [], "found_in": None,
    } | facts  # fmt: skip


def against(base: Json, other: Json, title: str) -> str:
    """One cell of a variant's column."""
    rows = table({"columns": [base, other]}, ["Base", "Other"])
    return next(bare(row["Other"]) for row in rows if bare(row[""]) == title)


def bare(markdown: str) -> str:
    """Markdown without its backslashes."""
    return markdown.replace("\\", "")


def differing(low: int | None, high: int | None, said: str, found: int | None = 0) -> list[Json]:
    return [{"goals": ["unmet_care"], "found": found, "low": low, "high": high, "verdict": said}]


UNMET = "Care that is due and not scheduled"


@pytest.mark.parametrize(
    ("low", "high", "said", "cell"),
    [
        (-60, -60, "less", ":green[▼ 60 priority-weighted minutes less, proved]"),
        (30, 90, "more", ":red[▲ between 30 and 90 priority-weighted minutes more]"),
        (0, 0, "same", ":gray[= the same, proved]"),
        (-60, 0, "at most", ":green[▽ the same or up to 60 less]"),
        (0, 60, "at least", ":red[△ the same or up to 60 more]"),
        (-30, 60, "open", ":gray[? undecided: between 30 less and 60 more (weeks found: ±0)]"),
        (None, None, "open", ":gray[? undecided (weeks found: ±0)]"),
    ],
)
def test_a_difference_is_coloured_as_far_as_it_is_certain(
    low: int | None, high: int | None, said: str, cell: str
) -> None:
    found = against(column("base"), column("v", differences=differing(low, high, said)), UNMET)
    assert found == f"60, proved  {cell}"


def test_figures_are_signed_and_undecided_where_unmet_care_is() -> None:
    more = column("v", differences=differing(-60, -60, "less"))
    more["figures"] |= {"served": 12, "minutes": 660}
    more["figures"]["money"] |= {"staff_cost": 1200.0}
    served, hours = "Patients fully served", "Hours delivered, of those required"
    assert against(column("base"), more, served) == "12 of 12  :green[▲ +2]"
    assert against(column("base"), more, hours) == "11 of 11  :green[▲ +1]"
    cost = "Staff cost, hours on duty"
    assert against(column("base"), more, cost) == "1,200  :red[▲ +200]"
    more["differences"] = differing(-90, 10, "open")
    assert against(column("base"), more, served) == "12 of 12  :gray[? +2, undecided]"
    assert against(column("base"), more, cost) == "1,200  :red[▲ +200]"  # the scenario's alone
    assert "not decided" in verdict(more, _names())[-1]


def test_bounds_are_shown_and_a_missing_week_is_said() -> None:
    open_ = {"goals": ["unmet_care"], "value": 120, "bound": 60, "proved": False}
    none = column("none", status="infeasible", tiers=[], figures=None)
    rows = table({"columns": [column("base", tiers=[open_]), none]}, ["Base", MARKUP])
    by_title = {row[""]: row for row in rows}
    assert by_title[UNMET]["Base"] == r"120\, at least 60"
    titles = list(rows[0])
    assert "<b>" not in titles[2]
    assert by_title["Week"][titles[2]] == "No schedule exists"
    assert verdict(none, _names())[0] == "No week exists that obeys every rule."
    assert [signed(n) for n in (3, -3, 0)] == ["+3", "−3", "±0"]


def _names() -> Names:
    scenario = read(small()).scenario
    return Names(scenario, scenario)


def test_people_are_told_what_they_leave_and_what_they_get() -> None:
    here = read(
        clinic(
            patients=[patient("pat"), patient("sam")],
            groups=[group()],
            rooms=[room("big", 4), room("small", 1)],
        )
    )
    held = plan(week(section(["pat"], meeting("mon", "10:00")), visit("sam", start="09:00")), here)
    told = sessions_in_words(report.sessions(here, held))
    assert told["sam"][0].startswith("Mon 09:00–")
    moved = {"sam": ["Tue 11:00–12:00 x"], "pat": told["pat"]}
    person = {"id": "sam", "name": "Sam", "what": "other times"}
    rows = people(column("v", people=[person]), Names(here.scenario, here.scenario), told, moved)
    assert [row["What"] for row in rows] == ["Other times"]
    assert "Tue 11" in rows[0]["Instead"]
    assert "Mon 09" in rows[0]["No longer"]


def test_initials_hide_names_and_ids_in_every_text() -> None:
    scenario = read(
        clinic(patients=[patient("lee-pat") | {"name": "Pat Lee"}, patient("7") | {"name": "Al"}])
    ).scenario
    hidden = Names(scenario, Initials(scenario).scenario)
    assert hidden.hides
    said = hidden.text("Pat Lee (lee-pat) and Al: 7 hours of lee-pat; Alberta stays.")
    assert said == "P. L. and A.: 7 hours of P. L.; Alberta stays."
    assert hidden.patient("lee-pat", "Pat Lee") == "P. L."
    assert hidden.patient("new-001", "Nora New") == "Nora New (new-001)"
    assert not Names(scenario, scenario).hides


# -- the page -------------------------------------------------------------------------------------


def test_changes_are_picked_switched_and_still_there_after_a_refresh(desk: Desk) -> None:
    own_week(desk, small())
    app = click(shown(desk), "Add a change")
    box(app, "Which").select("bob").run()
    app = click(app, "Add")
    assert any("Remove therapist" in c.label for c in app.checkbox)
    assert app.text_input[0].value.startswith("Remove therapist")
    app = shown(desk)  # another visit
    chip = next(c for c in app.checkbox if "Remove therapist" in c.label)
    assert chip.value
    chip.uncheck().run()
    assert not next(c for c in shown(desk).checkbox if "Remove therapist" in c.label).value
    app = click(app, "Remove")
    assert "No change yet" in words(app)


def test_a_change_that_makes_no_sense_is_said_and_cannot_be_added(desk: Desk) -> None:
    own_week(desk, small() | {"patients": [patient("pat") | {"primary_therapist": "ann"}]})
    desk.put(
        f"what if {desk.week().key}",
        kept([Variant("Gone").with_chip(parse_change("remove room nowhere"))]),
    )
    app = shown(desk)
    assert "no room" in words(app)
    assert next(b for b in app.button if b.label == "Compare").disabled


def test_with_initials_no_form_and_no_chip_shows_a_name(desk: Desk) -> None:
    own_week(desk, small())
    variant = Variant("Fewer").with_chip(parse_change("remove patient pat"))
    desk.put(f"what if {desk.week().key}", kept([variant]))
    desk.put(frame.KEPT + frame.INITIALS, True)
    app = shown(desk)
    click(app, "Add a change")
    assert "Pat Lee" not in bare(words(app))
    assert "Remove patient P. L.\n" in bare(words(app))


@pytest.mark.slow
def test_base_and_variant_are_compared_and_opened_as_a_week(desk: Desk) -> None:
    before = own_week(desk, small(), week(visit("pat")))
    key = desk.week().key
    variant = Variant("Lose Bob").with_chip(parse_change("remove therapist bob"))
    desk.put(f"what if {key}", kept([variant]))
    desk.put(frame.KEPT + "what if.limit", 10)
    app = click(shown(desk), "Compare")
    app = until(app, lambda said: "Side by side" in said)
    assert "Lose Bob" in words(app)
    assert "<b>" not in words(app)
    app = shown(desk)  # the answer is there after a refresh
    assert "Side by side" in words(app)
    opened = [b for b in app.button if b.label == "Open this week"]
    assert len(opened) == 2
    opened[1].click().run()
    files = desk.week()
    assert files.key != key
    scenario = load_scenario(files.scenario)[0]
    assert [t.id for t in scenario.therapists] == ["ann"]
    assert scenario.name == f"{before.name} · Lose Bob"
    assert isinstance(load_schedule(files.schedule, scenario), Schedule)
    assert Clinic(scenario).patients.keys() == {"pat", "sam"}
