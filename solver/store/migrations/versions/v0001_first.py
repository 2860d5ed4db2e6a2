"""The first form of the store."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from solver.store import guards

revision = "0001"
down_revision = None

_KEPT = {
    "iop_documents": (("hash",),),
    "iop_scenario_versions": (("id",), ("scenario_id", "number")),
    "iop_schedules": (("id",),),
    "iop_published_weeks": (("id",), ("clinic_id", "week_start", "number"), ("supersedes_id",)),
    "iop_what_if_versions": (("id",), ("what_if_id", "number")),
    "iop_audit_trail": (("number",),),
}


def upgrade() -> None:
    """Make the tables and what guards them."""
    _clinics_and_scenarios()
    _schedules_and_weeks()
    _what_ifs()
    _jobs_and_drafts()
    _audit_trail()
    for table, unique in _KEPT.items():
        guards.keep(op.get_bind(), table, unique)


def _key() -> sa.Column[str]:
    return sa.Column("id", sa.String(32), nullable=False)


def _number() -> sa.Column[int]:
    return sa.Column("number", sa.Integer(), nullable=False)


def _hash(name: str = "hash", nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.String(64), nullable=nullable)


def _to(name: str, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.String(32), nullable=nullable)


def _author() -> sa.Column[str]:
    return sa.Column("author", sa.String(200), nullable=False)


def _moment(name: str = "made_at") -> sa.Column[str]:
    return sa.Column(name, sa.String(27), nullable=False)


def _primary(table: str, *columns: str) -> sa.PrimaryKeyConstraint:
    return sa.PrimaryKeyConstraint(*(columns or ("id",)), name=f"pk_{table}")


def _unique(table: str, *columns: str) -> sa.UniqueConstraint:
    return sa.UniqueConstraint(*columns, name=f"uq_{table}_{columns[0]}")


def _foreign(
    table: str, column: str, to: str, referred: str = "id", *, deferrable: bool | None = None
) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        [column],
        [f"{to}.{referred}"],
        name=f"fk_{table}_{column}",
        deferrable=deferrable,
        initially="IMMEDIATE" if deferrable else None,
    )


def _counts_from_one(table: str) -> sa.CheckConstraint:
    return sa.CheckConstraint("number >= 1", name=f"ck_{table}_number")


def _clinics_and_scenarios() -> None:
    op.create_table(
        "iop_documents",
        _hash(),
        sa.Column("content", sa.Text(), nullable=False),
        _primary("iop_documents", "hash"),
    )
    op.create_table(
        "iop_clinics",
        _key(),
        sa.Column("name", sa.String(200), nullable=False),
        _moment(),
        _primary("iop_clinics"),
        _unique("iop_clinics", "name"),
    )
    op.create_table(
        "iop_scenarios",
        _key(),
        _to("clinic_id"),
        _moment(),
        _primary("iop_scenarios"),
        _foreign("iop_scenarios", "clinic_id", "iop_clinics"),
    )
    op.create_index("ix_iop_scenarios_clinic_id", "iop_scenarios", ["clinic_id"])
    name = "iop_scenario_versions"
    op.create_table(
        name,
        _key(),
        _to("scenario_id"),
        _number(),
        _to("parent_id", nullable=True),
        sa.Column("week_start", sa.String(10), nullable=False),
        _hash(),
        _author(),
        _moment(),
        _primary(name),
        _unique(name, "scenario_id", "number"),
        _counts_from_one(name),
        _foreign(name, "scenario_id", "iop_scenarios"),
        _foreign(name, "parent_id", name, deferrable=True),
        _foreign(name, "hash", "iop_documents", "hash"),
    )


def _schedules_and_weeks() -> None:
    name = "iop_schedules"
    op.create_table(
        name,
        _key(),
        _to("version_id"),
        _hash(),
        _hash("result_hash", nullable=True),
        sa.Column("job_id", sa.String(64), nullable=True),
        _author(),
        _moment(),
        _primary(name),
        _foreign(name, "version_id", "iop_scenario_versions"),
        _foreign(name, "hash", "iop_documents", "hash"),
        _foreign(name, "result_hash", "iop_documents", "hash"),
    )
    op.create_index("ix_iop_schedules_version_id", name, ["version_id"])
    name = "iop_published_weeks"
    op.create_table(
        name,
        _key(),
        _to("clinic_id"),
        sa.Column("week_start", sa.String(10), nullable=False),
        _number(),
        _to("schedule_id"),
        _to("supersedes_id", nullable=True),
        _author(),
        _moment(),
        _hash("seal"),
        _primary(name),
        _unique(name, "clinic_id", "week_start", "number"),
        _unique(name, "supersedes_id"),
        _counts_from_one(name),
        sa.CheckConstraint(
            "(number = 1) = (supersedes_id IS NULL)", name="ck_iop_published_weeks_supersedes"
        ),
        _foreign(name, "clinic_id", "iop_clinics"),
        _foreign(name, "schedule_id", "iop_schedules"),
        _foreign(name, "supersedes_id", name, deferrable=True),
    )


def _what_ifs() -> None:
    op.create_table(
        "iop_what_ifs",
        _key(),
        _to("base_id"),
        _moment(),
        _primary("iop_what_ifs"),
        _foreign("iop_what_ifs", "base_id", "iop_scenario_versions"),
    )
    op.create_index("ix_iop_what_ifs_base_id", "iop_what_ifs", ["base_id"])
    name = "iop_what_if_versions"
    op.create_table(
        name,
        _key(),
        _to("what_if_id"),
        _number(),
        _to("parent_id", nullable=True),
        _hash(),
        _author(),
        _moment(),
        _primary(name),
        _unique(name, "what_if_id", "number"),
        _counts_from_one(name),
        _foreign(name, "what_if_id", "iop_what_ifs"),
        _foreign(name, "parent_id", name, deferrable=True),
        _foreign(name, "hash", "iop_documents", "hash"),
    )


def _jobs_and_drafts() -> None:
    op.create_table(
        "iop_jobs",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("folder", sa.Text(), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        _to("version_id", nullable=True),
        _author(),
        _moment(),
        _moment("changed_at"),
        _primary("iop_jobs"),
        _foreign("iop_jobs", "version_id", "iop_scenario_versions"),
        sa.CheckConstraint(
            "state IN ('waiting', 'running', 'done', 'failed', 'cancelled')",
            name="ck_iop_jobs_state",
        ),
    )
    op.create_index("ix_iop_jobs_state", "iop_jobs", ["state"])
    op.create_index("ix_iop_jobs_version_id", "iop_jobs", ["version_id"])
    op.create_table(
        "iop_drafts",
        sa.Column("owner", sa.String(200), nullable=False),
        sa.Column("key", sa.String(200), nullable=False),
        _number(),
        sa.Column("content", sa.Text(), nullable=False),
        _moment("changed_at"),
        _primary("iop_drafts", "owner", "key"),
    )


def _audit_trail() -> None:
    name = "iop_audit_trail"
    op.create_table(
        name,
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        _moment("at"),
        _author(),
        sa.Column("action", sa.String(40), nullable=False),
        _to("clinic_id", nullable=True),
        sa.Column("subject_id", sa.String(200), nullable=False),
        sa.Column("details", sa.Text(), nullable=False),
        _primary(name, "number"),
    )
    op.create_index("ix_iop_audit_trail_clinic", name, ["clinic_id", "number"])
    op.create_index("ix_iop_audit_trail_subject_id", name, ["subject_id"])
