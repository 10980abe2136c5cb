"""Learners: accounts and logins, plans, attempts, cards, remarks, reported errors, mock exams."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """To this shape."""
    _accounts()
    _practice()
    _remarks()
    _exams()


def _accounts() -> None:
    op.create_table(
        "accounts",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("name", sa.String(80), nullable=False, unique=True),
        sa.Column("shown_name", sa.String(80), nullable=False),
        sa.Column("password", sa.Text, nullable=False),
        sa.Column("role", sa.String(16), nullable=False),
        sa.Column("class_name", sa.String(80), nullable=False),
        sa.Column("disabled", sa.Boolean, nullable=False),
        sa.Column("created_at", sa.DateTime, nullable=False),
    )
    op.create_table(
        "logins",
        sa.Column("digest", sa.String(64), primary_key=True),
        sa.Column("account_id", sa.String(64), sa.ForeignKey("accounts.id", ondelete="CASCADE"), nullable=False),
        sa.Column("created_at", sa.DateTime, nullable=False),
        sa.Column("expires_at", sa.DateTime, nullable=False),
    )


def _practice() -> None:
    op.create_table(
        "plans",
        sa.Column("owner", sa.String(80), primary_key=True),
        sa.Column("exam_date", sa.Date),
        sa.Column("daily_goal", sa.Integer, nullable=False),
        sa.Column("retention", sa.Float, nullable=False),
        sa.Column("updated_at", sa.DateTime, nullable=False),
    )
    op.create_table(
        "attempts",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("owner", sa.String(80), nullable=False),
        sa.Column("question", sa.String(160), nullable=False),
        sa.Column("family", sa.String(160), nullable=False),
        sa.Column("subject", sa.String(16), nullable=False),
        sa.Column("points", sa.Text, nullable=False),
        sa.Column("difficulty", sa.Integer, nullable=False),
        sa.Column("chosen", sa.String(1), nullable=False),
        sa.Column("correct", sa.Boolean, nullable=False),
        sa.Column("seconds", sa.Integer),
        sa.Column("source", sa.String(16), nullable=False),
        sa.Column("at", sa.DateTime, nullable=False),
    )
    op.create_index("attempts_of_owner", "attempts", ["owner", "at"])
    op.create_index("attempts_at_question", "attempts", ["owner", "question"])
    op.create_table(
        "cards",
        sa.Column("owner", sa.String(80), primary_key=True),
        sa.Column("key", sa.String(160), primary_key=True),
        sa.Column("subject", sa.String(16), nullable=False),
        sa.Column("points", sa.Text, nullable=False),
        sa.Column("difficulty", sa.Integer, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("due", sa.DateTime, nullable=False),
        sa.Column("lapses", sa.Integer, nullable=False),
        sa.Column("question", sa.String(160), nullable=False),
        sa.Column("right_days", sa.Integer, nullable=False),
        sa.Column("last_right", sa.Date),
        sa.Column("wrong_at", sa.DateTime),
        sa.Column("removed", sa.Boolean, nullable=False),
        sa.Column("before", sa.Text, nullable=False),
        sa.Column("created_at", sa.DateTime, nullable=False),
        sa.Column("updated_at", sa.DateTime, nullable=False),
    )
    op.create_index("cards_due", "cards", ["owner", "due"])
    op.create_table(
        "open_questions",
        sa.Column("owner", sa.String(80), primary_key=True),
        sa.Column("source", sa.String(16), primary_key=True),
        sa.Column("token", sa.String(64), nullable=False),
        sa.Column("question", sa.String(160), nullable=False),
        sa.Column("shown_order", sa.String(16), nullable=False),
        sa.Column("filters", sa.Text, nullable=False),
        sa.Column("asked_at", sa.DateTime, nullable=False),
        sa.Column("chosen", sa.String(1)),
        sa.Column("seconds", sa.Integer),
        sa.Column("rating", sa.Integer),
        sa.Column("answered_at", sa.DateTime),
    )


def _remarks() -> None:
    op.create_table(
        "remarks",
        sa.Column("owner", sa.String(80), primary_key=True),
        sa.Column("question", sa.String(160), primary_key=True),
        sa.Column("marked", sa.Boolean, nullable=False),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("updated_at", sa.DateTime, nullable=False),
    )
    op.create_table(
        "error_reports",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("owner", sa.String(80), nullable=False),
        sa.Column("question", sa.String(160), nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("settled", sa.Boolean, nullable=False),
        sa.Column("at", sa.DateTime, nullable=False),
    )
    op.create_index("error_reports_open", "error_reports", ["settled", "at"])


def _exams() -> None:
    op.create_table(
        "exams",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("owner", sa.String(80), nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("paper", sa.Text, nullable=False),
        sa.Column("answers", sa.Text, nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("limit_seconds", sa.Integer, nullable=False),
        sa.Column("used_seconds", sa.Integer, nullable=False),
        sa.Column("resumed_at", sa.DateTime),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("report", sa.Text, nullable=False),
        sa.Column("created_at", sa.DateTime, nullable=False),
        sa.Column("submitted_at", sa.DateTime),
    )
    op.create_index("exams_of_owner", "exams", ["owner", "created_at"])
