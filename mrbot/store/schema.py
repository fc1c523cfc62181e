"""The tables, for SQLite and PostgreSQL.

Times are seconds since 1970 (UTC). A change is written as `str(ChangeId)`, a repository as
`str(RepoId)`. Documents are JSON text. Rows that are only ever added are ordered by `id`.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Double,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    false,
)

SCHEMA_VERSION = 2
"""Goes up with every change of a table below, or of a document in one."""

metadata = MetaData()

_ROW_ID = BigInteger().with_variant(Integer, "sqlite")  # SQLite numbers only INTEGER keys by itself


def _id() -> Column[int]:
    return Column("id", _ROW_ID, primary_key=True, autoincrement=True)


def _text(name: str, *, null: bool = False) -> Column[str]:
    return Column(name, Text, nullable=null)


def _time(name: str, *, null: bool = False) -> Column[float]:
    return Column(name, Double, nullable=null)


def _count(name: str) -> Column[int]:
    return Column(name, BigInteger, nullable=False, server_default="0")


schema_version = Table(
    "mrbot_schema",
    metadata,
    Column("version", Integer, primary_key=True, autoincrement=False),
)

deliveries = Table(
    "deliveries",
    metadata,
    _id(),
    _text("host"),
    _text("key"),
    _text("body", null=True),
    _text("fact", null=True),
    _text("event"),
    _text("repo"),
    _text("change", null=True),
    _text("cause"),
    _text("publication", null=True),
    _time("received_at"),
    Column("unread_comment", Boolean, nullable=False, server_default=false()),
    UniqueConstraint("host", "key"),
    UniqueConstraint("host", "body"),
    UniqueConstraint("host", "fact"),
    Index("deliveries_of_change", "change"),
)

worklist = Table(
    "worklist",
    metadata,
    Column("subject", Text, primary_key=True),
    _text("repo"),
    _count("dirty"),
    _count("settled"),
    _count("epoch"),
    _count("attempts"),
    _text("holder", null=True),
    _time("lease_until", null=True),
    Column("not_before", Double, nullable=False, server_default="0"),
    Column("parked", Boolean, nullable=False, server_default=false()),
    Column("error", Text, nullable=False, server_default=""),
    _time("marked_at"),
    Index("worklist_of_repo", "repo"),
)

turns = Table(
    "turns",
    metadata,
    Column("repo", Text, primary_key=True),
    _count("served"),
)

changes = Table(
    "changes",
    metadata,
    Column("change", Text, primary_key=True),
    _text("repo"),
    Column("state", String(16), nullable=False),
    _text("head"),
    _text("target_branch"),
    _text("title"),
    _text("verdict"),
    _time("updated_at"),
    Index("changes_by_target", "repo", "target_branch"),
    Index("changes_by_head", "repo", "head"),
)

publications = Table(
    "publications",
    metadata,
    Column("change", Text, primary_key=True),
    _text("comment_id"),
    _text("comment_url"),
    _text("digest"),
    _text("record"),
    _time("published_at"),
)

statuses = Table(
    "statuses",
    metadata,
    Column("repo", Text, primary_key=True),
    Column("sha", Text, primary_key=True),
    Column("name", Text, primary_key=True),
    Column("state", String(16), nullable=False),
    _text("digest"),
    _text("known"),
    _time("published_at"),
)

bindings = Table(
    "bindings",
    metadata,
    _id(),
    _text("change"),
    _text("head"),
    _text("digest"),
    _text("record"),
    _text("document"),
    _time("shown_at"),
    UniqueConstraint("change", "record"),
    Index("bindings_of_head", "change", "head"),
)

reviews = Table(
    "reviews",
    metadata,
    _id(),
    _text("change"),
    _text("person"),
    _text("login"),
    Column("is_bot", Boolean, nullable=False),
    Column("state", String(32), nullable=False),
    Column("source", String(16), nullable=False),
    _text("head", null=True),
    _text("publication", null=True),
    Column("delivery", _ROW_ID, ForeignKey("deliveries.id"), nullable=False),
    _time("given_at"),
    Index("reviews_of_change", "change"),
)

commands = Table(
    "commands",
    metadata,
    _id(),
    Column("delivery", _ROW_ID, ForeignKey("deliveries.id"), nullable=False),
    Column("line", Integer, nullable=False),
    _text("change"),
    _text("verb"),
    _text("text"),
    Column("state", String(16), nullable=False),
    _count("epoch"),
    Column("answer", Text, nullable=False, server_default=""),
    UniqueConstraint("delivery", "line"),
    Index("commands_of_change", "change"),
)

effects = Table(
    "effects",
    metadata,
    Column("key", Text, primary_key=True),
    _text("kind"),
    _text("subject"),
    _count("epoch"),
    _text("digest"),
    Column("state", String(16), nullable=False),
    _text("reference", null=True),
    _time("intended_at"),
    Index("effects_of_subject", "subject"),
)

plans = Table(
    "plans",
    metadata,
    Column("change", Text, primary_key=True),
    Column("project", Text, primary_key=True),
    Column("head", Text, primary_key=True),
    _text("document"),
    Column("sealed", LargeBinary, nullable=True),
    Column("state", String(16), nullable=False),
    _time("made_at"),
)

locks = Table(
    "project_locks",
    metadata,
    Column("repo", Text, primary_key=True),
    Column("project", Text, primary_key=True),
    _text("change"),
    _text("reason"),
    _time("taken_at"),
    Index("locks_of_change", "change"),
)

deployments = Table(
    "deployments",
    metadata,
    Column("key", Text, primary_key=True),
    _text("change"),
    _text("repo"),
    _text("sha"),
    _text("environment"),
    _text("intent"),
    Column("state", String(16), nullable=False),
    _text("run", null=True),
    _text("url"),
    _text("detail"),
    _time("intended_at"),
    _time("next_check_at"),
    Index("deployments_by_state", "state"),
    Index("deployments_of_change", "change"),
    Index("deployments_by_run", "repo", "run"),
)


ledger_entries = Table(
    "ledger_entries",
    metadata,
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    _text("kind"),
    _text("subject"),
    _text("at"),
    _text("content"),
    _text("previous"),
    _text("digest"),
    Index("ledger_by_subject", "subject"),
)

ledger_contents = Table(
    "ledger_contents",
    metadata,
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("sealed", LargeBinary, nullable=False),
)
