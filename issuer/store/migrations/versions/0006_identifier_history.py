"""The register of people: from when to when a number was valid, and the day of a delta file."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    for name, comment in (
        ("valid_from", "empty: before our first file"),
        ("valid_to", "last day; empty: not known, or valid"),
    ):
        column = sa.Column(name, sa.String(length=10), server_default="", nullable=False, comment=comment)
        op.add_column("person_identifier", column)
    column = sa.Column(
        "as_of", sa.String(length=10), server_default="", nullable=False, comment="of a delta: the day of its changes"
    )
    op.add_column("source_file", column)
    if op.get_bind().dialect.name == "postgresql":
        op.alter_column("source_file", "kind", comment="doses, people, delta or corrections")


def downgrade() -> None:
    op.drop_column("source_file", "as_of")
    op.drop_column("person_identifier", "valid_to")
    op.drop_column("person_identifier", "valid_from")
