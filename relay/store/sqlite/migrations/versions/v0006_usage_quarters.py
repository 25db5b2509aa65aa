"""Usage is counted by quarters of an hour; what was counted by days of UTC stays as it is."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Add the table."""
    op.create_table(
        "usage_quarter",
        sa.Column("at", sa.Integer, primary_key=True),
        sa.Column("messages", sa.Integer, nullable=False),
        sa.Column("connections", sa.Integer, nullable=False),
        sqlite_strict=True,
    )
