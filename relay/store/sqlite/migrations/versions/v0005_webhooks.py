"""Webhooks have a place in the log, and what they were not told waits beside it."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Add the two tables."""
    op.create_table(
        "webhook",
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("place", sa.Integer, nullable=False),
        sqlite_strict=True,
    )
    op.create_table(
        "delivery",
        sa.Column("webhook", sa.Text, sa.ForeignKey("webhook.name"), primary_key=True),
        sa.Column("message_id", sa.Integer, primary_key=True),
        sa.Column("request_id", sa.Integer, sa.ForeignKey("help_request.id"), nullable=False),
        sa.Column("tries", sa.Integer, nullable=False),
        sa.Column("due_at", sa.Integer),
        sa.Column("outcome", sa.Text),
        sa.Column("status", sa.Integer),
        sa.Column("tried_at", sa.Integer),
        sqlite_strict=True,
    )
    op.create_index("ix_delivery_request_id", "delivery", ["request_id"])
