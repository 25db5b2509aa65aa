"""The tables. The log (``message``) is the truth; ``help_request`` is its summary.

Names are the protocol's words. Every constraint has a name from the first day, because SQLite's
migrations lose what they cannot name. Times are milliseconds since 1970 in UTC.
"""

from sqlalchemy import (
    CheckConstraint,
    Column,
    Connection,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    UniqueConstraint,
    event,
    text,
)

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)

alembic_version = Table(
    "alembic_version",  # Alembic's own, with the number of the last migration
    metadata,
    Column("version_num", String(32), nullable=False),
    PrimaryKeyConstraint("version_num", name="alembic_version_pkc"),
)

meta = Table(
    "meta",
    metadata,
    Column("name", Text, primary_key=True),
    Column("value", Text, nullable=False),
    sqlite_strict=True,
)

customer = Table(
    "customer",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("site", Text, nullable=False),
    Column("key", Text, nullable=False, unique=True),
    Column("name", Text),
    Column("email", Text),
    Column("verified", Integer, nullable=False),
    Column("created_at", Integer, nullable=False),
    # The latest month (2026-11) in which they are counted: see `usage.py`.
    Column("counted", Text),
    sqlite_strict=True,
    sqlite_autoincrement=True,
)

agent = Table(
    "agent",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", Text, nullable=False, unique=True),
    Column("role", Text, CheckConstraint("role IN ('agent', 'admin')", "role"), nullable=False),
    Column("token_hash", Text, nullable=False, unique=True),
    Column("disabled", Integer, nullable=False),
    Column("created_at", Integer, nullable=False),
    sqlite_strict=True,
    sqlite_autoincrement=True,
)

help_request = Table(
    "help_request",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("site", Text, nullable=False),
    Column("customer_id", ForeignKey("customer.id"), nullable=False),
    Column(
        "status",
        Text,
        CheckConstraint("status IN ('waiting', 'active', 'closed')", "status"),
        nullable=False,
    ),
    Column("agent_id", ForeignKey("agent.id")),
    Column("opened_at", Integer, nullable=False),
    Column("claimed_at", Integer),
    Column("closed_at", Integer),
    Column("waiting_since", Integer),
    Column("seq", Integer, nullable=False),
    Column("customer_seq", Integer, nullable=False),
    Column("rating_score", Integer),
    Column("rating_comment", Text),
    Column("rating_at", Integer),
    Column("last_text", Text),
    Column("last_by", Text),
    Column("last_at", Integer),
    Column("tags", Text, nullable=False),
    Column("hold", Text),
    Column("customer_read_seq", Integer, nullable=False),
    Column("customer_read_customer_seq", Integer, nullable=False),
    Column("agent_read_seq", Integer, nullable=False),
    Column("agent_read_customer_seq", Integer, nullable=False),
    Column("page_url", Text),
    Column("page_title", Text),
    Column("page_referrer", Text),
    Column("locale", Text),
    Column("user_agent", Text),
    Index("ix_help_request_customer_id_id", "customer_id", "id"),
    Index("ix_help_request_closed_at", "closed_at"),
    # A customer has at most one open request; the index also finds all open ones.
    Index(
        "uq_help_request_open",
        "customer_id",
        unique=True,
        sqlite_where=text("status <> 'closed'"),
    ),
    sqlite_strict=True,
    sqlite_autoincrement=True,
)

message = Table(
    "message",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("request_id", ForeignKey("help_request.id"), nullable=False),
    Column("seq", Integer, nullable=False),
    Column("customer_seq", Integer),
    Column("kind", Text, nullable=False),
    Column("activity", Text),
    Column("text", Text),
    Column("data", Text),
    Column("by_role", Text, nullable=False),
    Column("by_id", Integer, nullable=False),
    Column("by_name", Text),
    Column("ref", Text),
    Column("at", Integer, nullable=False),
    UniqueConstraint("request_id", "seq"),
    UniqueConstraint("request_id", "customer_seq"),
    # A ref is unique per customer over all their requests, and per agent within a request.
    Index(
        "uq_message_customer_ref",
        "by_id",
        "ref",
        unique=True,
        sqlite_where=text("by_role = 'customer' AND ref IS NOT NULL"),
    ),
    Index(
        "uq_message_agent_ref",
        "request_id",
        "by_role",
        "by_id",
        "ref",
        unique=True,
        sqlite_where=text("by_role <> 'customer' AND ref IS NOT NULL"),
    ),
    sqlite_strict=True,
)

open_answer = Table(
    "open_answer",
    metadata,
    # The answers to `open` frames that stored no message with their ref.
    Column("customer_id", ForeignKey("customer.id"), primary_key=True),
    Column("ref", Text, primary_key=True),
    Column("request_id", ForeignKey("help_request.id"), nullable=False, index=True),
    sqlite_strict=True,
)

canned_response = Table(
    "canned_response",
    metadata,
    Column("name", Text, primary_key=True),
    Column("text", Text, nullable=False),
    sqlite_strict=True,
)

audit = Table(
    "audit",
    metadata,
    # Dense from 1 and never reused; `audit_log.py` defines what the hash covers.
    Column("id", Integer, primary_key=True),
    Column("at", Integer, nullable=False),
    Column("action", Text, nullable=False),
    Column("by_role", Text, nullable=False),
    Column("by_id", Integer, nullable=False),
    Column("by_name", Text),
    Column("data", Text, nullable=False),
    Column("hash", Text, nullable=False),
    sqlite_strict=True,
    sqlite_autoincrement=True,
)

# Counted by releases before schema 0006, which knew days of UTC only; nothing is added to it.
usage_day = Table(
    "usage_day",
    metadata,
    Column("name", Text, primary_key=True),
    Column("messages", Integer, nullable=False),
    Column("connections", Integer, nullable=False),
    sqlite_strict=True,
)

usage_quarter = Table(
    "usage_quarter",
    metadata,
    # The beginning of a quarter of an hour, in milliseconds.
    Column("at", Integer, primary_key=True),
    Column("messages", Integer, nullable=False),
    Column("connections", Integer, nullable=False),
    sqlite_strict=True,
)

usage_month = Table(
    "usage_month",
    metadata,
    Column("name", Text, primary_key=True),
    Column("people", Integer, nullable=False),
    sqlite_strict=True,
)

webhook = Table(
    "webhook",
    metadata,
    Column("name", Text, primary_key=True),
    # A message id: all up to it is delivered, or has a row in ``delivery``.
    Column("place", Integer, nullable=False),
    sqlite_strict=True,
)

delivery = Table(
    "delivery",
    metadata,
    # Deliveries that failed: to be retried, or dead letters.
    Column("webhook", ForeignKey("webhook.name"), primary_key=True),
    Column("message_id", Integer, primary_key=True),
    Column("request_id", ForeignKey("help_request.id"), nullable=False, index=True),
    Column("tries", Integer, nullable=False),
    Column("due_at", Integer),
    Column("outcome", Text),
    Column("status", Integer),
    Column("tried_at", Integer),
    sqlite_strict=True,
)

SEARCH = (
    "CREATE VIRTUAL TABLE search USING fts5("
    "words, content='', tokenize='unicode61 remove_diacritics 2')"
)
"""The full-text index (FTS5), used by ``search_index`` and ``search``."""


@event.listens_for(metadata, "after_create")
def _make_search(_: MetaData, connection: Connection, **_more: object) -> None:
    connection.exec_driver_sql(SEARCH)
