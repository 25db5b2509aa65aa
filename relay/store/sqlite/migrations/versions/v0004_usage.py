"""The desk's use is counted, from what is still in its log on."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Add the column and the tables; the relay then counts what is there, a little at a time."""
    op.add_column("customer", sa.Column("counted", sa.Text))
    op.create_table(
        "usage_day",
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("messages", sa.Integer, nullable=False),
        sa.Column("connections", sa.Integer, nullable=False),
        sqlite_strict=True,
    )
    op.create_table(
        "usage_month",
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("people", sa.Integer, nullable=False),
        sqlite_strict=True,
    )
