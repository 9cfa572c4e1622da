"""The second factor of an account."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    secret = sa.Column(
        "second_secret", sa.LargeBinary(), nullable=True, comment="encrypted; issuer.worklist.second_factor"
    )
    since = sa.Column(
        "second_since", sa.String(length=27), nullable=True, comment="empty: the second factor is not in force"
    )
    step = sa.Column(
        "second_step", sa.BigInteger(), server_default="0", nullable=False, comment="half minute of the last code used"
    )
    for column in (secret, since, step):
        op.add_column("account", column)


def downgrade() -> None:
    for name in ("second_step", "second_since", "second_secret"):
        op.drop_column("account", name)
