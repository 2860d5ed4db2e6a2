"""Pages of ``docs/`` that are made from the code: the rules, the goals, the command line.

``python -m solver.docs`` writes them; with ``--check`` it writes nothing and fails when one of them
is not what it would write. The words come from each rule's and goal's own title and docstring and
from the commands' help, so a page is never out of step with what the program does.
"""

from __future__ import annotations

import argparse
import inspect
import re
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import typer

from .cli import app
from .cli.terminal import MEANINGS
from .goals import GOALS, Goal
from .rules import RULES, Rule
from .scenario import Policy
from .tiers import tiers_of

FOLDER = Path(__file__).resolve().parents[1] / "docs"
MADE = "<!-- Made by `python -m solver.docs` from the code; do not edit. -->"


def words(thing: object) -> str:
    """A docstring as Markdown."""
    return re.sub(r"``(.+?)``", r"`\1`", inspect.cleandoc(thing.__doc__ or ""))


def link(thing: object) -> str:
    """A link to the file that a class is defined in."""
    path = f"{type(thing).__module__.replace('.', '/')}.py"
    return f"[{path}](../{path})"


# -- rules and goals ------------------------------------------------------------------------------


def rules_page() -> str:
    """Every hard rule: what holds, and where it is decided."""
    rows = "\n".join(f"| [`{r.key}`](#{r.key}) | {r.title} |" for r in RULES)
    return _page(
        "Rules",
        f"""
A schedule that the program gives out breaks none of these {len(RULES)} rules. Each is one file:
`check` says in plain Python what a schedule breaks, `forbids` judges one candidate alone (this
person at that hour), `post` puts on the model what couples several candidates. `iop check` names
every violation. How to write one more is in [add a rule](add-a-rule.md).

| key | what holds |
|---|---|
{rows}
""",
        *(_rule(rule) for rule in RULES),
    )


def _rule(rule: Rule) -> str:
    alone = type(rule).forbids is not Rule.forbids
    posts = type(rule).post is not Rule.post
    decided = {
        (True, False): "for each candidate alone (`forbids`)",
        (False, True): "on the model (`post`)",
        (True, True): "for each candidate alone (`forbids`), the rest on the model (`post`)",
    }
    how = decided.get((alone, posts))
    where = f"In {link(rule)}" + (f"; decided {how}." if how else ".")
    return f"## {rule.key}\n\n**{rule.title}.** {words(rule)}\n\n{where}"


def goals_page() -> str:
    """Every goal by default tier: how it is counted."""
    tier_of = {g: n for n, tier in enumerate(tiers_of(Policy()), 1) for g in tier.goals}
    order = sorted(GOALS, key=lambda goal: tier_of[goal.key])
    rows = "\n".join(
        f"| {tier_of[g.key]} | [`{g.key}`](#{g.key}) | {g.title} | {g.unit} |" for g in order
    )
    return _page(
        "Goals",
        f"""
What makes one legal schedule better than another. Lower is better, and 0 means nothing is left to
wish for. Tier 1 is settled first; what comes after never costs it anything. A scenario's `policy`
may put goals into other tiers, add up several in one tier with `weights`, let later tiers give back
a fraction of a settled one (`tolerances`), and demand that a goal come out 0 (`strict`).

| tier | key | what is made small | counted in |
|---|---|---|---|
{rows}
""",
        *(_goal(goal, tier_of[goal.key]) for goal in order),
    )


def _goal(goal: Goal, tier: int) -> str:
    about = f"Tier {tier} by default, counted in {goal.unit}. In {link(goal)}."
    return f"## {goal.key}\n\n**{goal.title}.** {words(goal)}\n\n{about}"


# -- the command line -----------------------------------------------------------------------------


def command_line_page() -> str:
    """Every command with its arguments, options and an example."""
    group: Any = typer.main.get_command(app)
    commands: Mapping[str, Any] = group.commands
    codes = "\n".join(f"| {code.value} | {meaning} |" for code, meaning in MEANINGS.items())
    listed = "\n".join(
        f"| [`iop {name}`](#iop-{name}) | {_first_sentence(command.help)} |"
        for name, command in commands.items()
    )
    return _page(
        "Command line",
        f"""
`iop COMMAND …`; `python -m solver COMMAND …` is the same. Results go to standard output, progress
and everything else that is said to standard error. A file name of `-` is standard input or output.

| command | what it does |
|---|---|
{listed}

| exit code | meaning |
|---|---|
{codes}
""",
        *(_command(name, command) for name, command in commands.items()),
    )


def _command(name: str, command: Any) -> str:
    parts = [f"## iop {name}"]
    for paragraph in inspect.cleandoc(command.help).split("\n\n"):
        title, _, example = paragraph.removeprefix("\b\n").partition("\n")
        if paragraph.startswith("\b"):
            parts.append(f"{title}\n\n```\n{inspect.cleandoc(example)}\n```")
        else:
            parts.append(" ".join(paragraph.split()))
    parts.append("| | |\n|---|---|\n" + "\n".join(_parameters(name, command)))
    return "\n\n".join(parts)


def _parameters(name: str, command: Any) -> Iterator[str]:
    with command.make_context(name, [], resilient_parsing=True) as context:
        for parameter in command.get_params(context):
            record = parameter.get_help_record(context)
            if record is not None and "--help" not in record[0]:
                flags, said = (" ".join(text.split()).replace("|", "\\|") for text in record)
                yield f"| `{flags}` | {said} |"


def _first_sentence(text: str) -> str:
    first, _, _ = inspect.cleandoc(text).partition("\n\n")
    return " ".join(first.split()).removesuffix(".")


# -- writing --------------------------------------------------------------------------------------

PAGES: Mapping[str, Callable[[], str]] = {
    "rules.md": rules_page,
    "goals.md": goals_page,
    "command-line.md": command_line_page,
}


def _page(title: str, *parts: str) -> str:
    return "\n\n".join([f"# {title}", MADE, *(part.strip() for part in parts)]) + "\n"


def stale(folder: Path = FOLDER) -> list[str]:
    """Names of the pages that are not what would be written now."""
    return [
        name
        for name, page in PAGES.items()
        if not (folder / name).is_file() or (folder / name).read_text("utf-8") != page()
    ]


def write(folder: Path = FOLDER) -> None:
    """Write every page."""
    folder.mkdir(exist_ok=True)
    for name, page in PAGES.items():
        (folder / name).write_text(page(), "utf-8", newline="\n")


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the pages, or with ``--check`` say which are stale; 1 when some are."""
    parser = argparse.ArgumentParser(prog="python -m solver.docs", description="Write docs/.")
    parser.add_argument("--check", action="store_true", help="write nothing, fail when stale")
    if not parser.parse_args(arguments).check:
        write()
        return 0
    names = stale()
    for name in names:
        sys.stderr.write(f"docs/{name} is stale; run: python -m solver.docs\n")
    return 1 if names else 0


if __name__ == "__main__":
    sys.exit(main())
