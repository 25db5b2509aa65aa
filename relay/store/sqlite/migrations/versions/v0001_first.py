"""The first schema: customers, agents, requests, logs. Frozen: later steps change tables."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Create every table."""
    _people()
    _requests()
    _messages()
    _open_answers()
    op.create_table("meta", _key("name"), *_texts("value"), sqlite_strict=True)
    op.create_table("canned_response", _key("name"), *_texts("text"), sqlite_strict=True)


def _id() -> sa.Column[int]:
    return sa.Column("id", sa.Integer, primary_key=True)


def _key(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text, primary_key=True)


def _texts(*names: str, nullable: bool = False) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text, nullable=nullable) for name in names]


def _integers(*names: str, nullable: bool = False) -> list[sa.Column[int]]:
    return [sa.Column(name, sa.Integer, nullable=nullable) for name in names]


def _unique_where(name: str, table: str, columns: list[str], where: str) -> None:
    condition: dict[str, Any] = {"sqlite_where": sa.text(where), "postgresql_where": sa.text(where)}
    op.create_index(name, table, columns, unique=True, **condition)


def _people() -> None:
    op.create_table(
        "customer",
        _id(),
        *_texts("site", "key"),
        *_texts("name", "email", nullable=True),
        *_integers("verified", "created_at"),
        sa.UniqueConstraint("key", name="uq_customer_key"),
        sqlite_strict=True,
        sqlite_autoincrement=True,
    )
    op.create_table(
        "agent",
        _id(),
        *_texts("name", "role", "token_hash"),
        *_integers("disabled", "created_at"),
        sa.UniqueConstraint("name", name="uq_agent_name"),
        sa.UniqueConstraint("token_hash", name="uq_agent_token_hash"),
        sa.CheckConstraint("role IN ('agent', 'admin')", name=op.f("ck_agent_role")),
        sqlite_strict=True,
        sqlite_autoincrement=True,
    )


def _requests() -> None:
    table = "help_request"
    op.create_table(
        table,
        _id(),
        *_texts("site", "status", "tags"),
        *_integers("customer_id", "opened_at", "seq", "customer_seq"),
        *_integers("agent_id", "claimed_at", "closed_at", "waiting_since", nullable=True),
        *_integers("rating_score", "rating_at", "last_at", nullable=True),
        *_texts("rating_comment", "last_text", "last_by", nullable=True),
        *_integers("customer_read_seq", "customer_read_customer_seq"),
        *_integers("agent_read_seq", "agent_read_customer_seq"),
        *_texts("page_url", "page_title", "page_referrer", nullable=True),
        *_texts("locale", "user_agent", nullable=True),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], "fk_help_request_customer_id"),
        sa.ForeignKeyConstraint(["agent_id"], ["agent.id"], "fk_help_request_agent_id"),
        sa.CheckConstraint(
            "status IN ('waiting', 'active', 'closed')", name=op.f("ck_help_request_status")
        ),
        sqlite_strict=True,
        sqlite_autoincrement=True,
    )
    op.create_index("ix_help_request_customer_id_id", table, ["customer_id", "id"])
    op.create_index("ix_help_request_closed_at", table, ["closed_at"])
    _unique_where("uq_help_request_open", table, ["customer_id"], "status <> 'closed'")


def _open_answers() -> None:
    op.create_table(
        "open_answer",
        *_integers("customer_id", "request_id"),
        *_texts("ref"),
        sa.PrimaryKeyConstraint("customer_id", "ref", name="pk_open_answer"),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], "fk_open_answer_customer_id"),
        sa.ForeignKeyConstraint(["request_id"], ["help_request.id"], "fk_open_answer_request_id"),
        sqlite_strict=True,
    )
    op.create_index("ix_open_answer_request_id", "open_answer", ["request_id"])


def _messages() -> None:
    table = "message"
    op.create_table(
        table,
        _id(),
        *_integers("request_id", "seq", "by_id", "at"),
        *_integers("customer_seq", nullable=True),
        *_texts("kind", "by_role"),
        *_texts("activity", "text", "data", "by_name", "ref", nullable=True),
        sa.ForeignKeyConstraint(["request_id"], ["help_request.id"], "fk_message_request_id"),
        sa.UniqueConstraint("request_id", "seq", name="uq_message_request_id_seq"),
        sa.UniqueConstraint(
            "request_id", "customer_seq", name="uq_message_request_id_customer_seq"
        ),
        sqlite_strict=True,
    )
    _unique_where(
        "uq_message_customer_ref",
        table,
        ["by_id", "ref"],
        "by_role = 'customer' AND ref IS NOT NULL",
    )
    _unique_where(
        "uq_message_agent_ref",
        table,
        ["request_id", "by_role", "by_id", "ref"],
        "by_role <> 'customer' AND ref IS NOT NULL",
    )
