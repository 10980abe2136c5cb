"""What is kept of a learner: accounts and logins, the plan, attempts, cards, remarks, reported errors, mock exams.

`owner` is whose row it is: `local` on a machine of one user, `user:ID` of an account. Every read is filtered by it.
"""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Boolean, Date, Float, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from tutoring.tables import Base, UtcDateTime

__all__ = [
    "AccountRow",
    "AttemptRow",
    "CardRow",
    "ErrorReportRow",
    "ExamRow",
    "LoginRow",
    "OpenQuestionRow",
    "PlanRow",
    "RemarkRow",
]

_ID, _OWNER, _QUESTION, _NAME, _WORD = 64, 80, 160, 80, 16


class AccountRow(Base):
    """Who may log in. `name` is unique as it is compared (NFKC, case folded); the password is an argon2 hash."""

    __tablename__ = "accounts"

    id: Mapped[str] = mapped_column(String(_ID), primary_key=True)
    name: Mapped[str] = mapped_column(String(_NAME), unique=True)
    shown_name: Mapped[str] = mapped_column(String(_NAME))
    password: Mapped[str] = mapped_column(Text)
    role: Mapped[str] = mapped_column(String(_WORD))
    class_name: Mapped[str] = mapped_column(String(_NAME), default="")
    disabled: Mapped[bool] = mapped_column(Boolean, default=False)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class LoginRow(Base):
    """A browser that is logged in, by the digest of its token: no table holds what would let one in."""

    __tablename__ = "logins"

    digest: Mapped[str] = mapped_column(String(_ID), primary_key=True)
    account_id: Mapped[str] = mapped_column(String(_ID), ForeignKey("accounts.id", ondelete="CASCADE"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)


class PlanRow(Base):
    """What a learner has set: the day of the exam, how many questions a day, which share should be remembered at a review."""

    __tablename__ = "plans"

    owner: Mapped[str] = mapped_column(String(_OWNER), primary_key=True)
    exam_date: Mapped[date | None] = mapped_column(Date)
    daily_goal: Mapped[int]
    retention: Mapped[float] = mapped_column(Float)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)


class AttemptRow(Base):
    """One answer to one choice question. `chosen` is a letter, '' for 不会; `points` a JSON list of syllabus ids; `seconds` None if unknown."""

    __tablename__ = "attempts"
    __table_args__ = (Index("attempts_of_owner", "owner", "at"), Index("attempts_at_question", "owner", "question"))

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    owner: Mapped[str] = mapped_column(String(_OWNER))
    question: Mapped[str] = mapped_column(String(_QUESTION))
    family: Mapped[str] = mapped_column(String(_QUESTION), default="")
    subject: Mapped[str] = mapped_column(String(_WORD))
    points: Mapped[str] = mapped_column(Text)
    difficulty: Mapped[int]
    chosen: Mapped[str] = mapped_column(String(1))
    correct: Mapped[bool] = mapped_column(Boolean)
    seconds: Mapped[int | None]
    source: Mapped[str] = mapped_column(String(_WORD))
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class CardRow(Base):
    """What is to be reviewed, and when. `key` is a family's id or, of a written question, its own; `state` is py-fsrs's card as JSON.

    `question` was answered last; `right_days` are the days in a row, the last one `last_right`, on which the answer was right;
    `before` is what the row was before that answer, as JSON, '' if it was not: a rating may be corrected.
    """

    __tablename__ = "cards"
    __table_args__ = (Index("cards_due", "owner", "due"),)

    owner: Mapped[str] = mapped_column(String(_OWNER), primary_key=True)
    key: Mapped[str] = mapped_column(String(_QUESTION), primary_key=True)
    subject: Mapped[str] = mapped_column(String(_WORD))
    points: Mapped[str] = mapped_column(Text)
    difficulty: Mapped[int]
    question: Mapped[str] = mapped_column(String(_QUESTION))
    state: Mapped[str] = mapped_column(Text)
    due: Mapped[datetime] = mapped_column(UtcDateTime)
    lapses: Mapped[int]
    right_days: Mapped[int] = mapped_column(default=0)
    last_right: Mapped[date | None] = mapped_column(Date)
    wrong_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    removed: Mapped[bool] = mapped_column(Boolean, default=False)
    before: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)


class OpenQuestionRow(Base):
    """The question that lies before a learner, answered or not, so that a reload shows it again. `source` is practice or review.

    `token` names this showing of it; `shown_order` are the bank's letters as they are listed, 'BADC' say; `chosen` is the bank's
    letter, '' for 不会, NULL while it is open; `rating` is FSRS's of a right answer.
    """

    __tablename__ = "open_questions"

    owner: Mapped[str] = mapped_column(String(_OWNER), primary_key=True)
    source: Mapped[str] = mapped_column(String(_WORD), primary_key=True)
    token: Mapped[str] = mapped_column(String(_ID))
    question: Mapped[str] = mapped_column(String(_QUESTION))
    shown_order: Mapped[str] = mapped_column(String(_WORD))
    filters: Mapped[str] = mapped_column(Text)
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    chosen: Mapped[str | None] = mapped_column(String(1))
    seconds: Mapped[int | None]
    rating: Mapped[int | None]
    answered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class RemarkRow(Base):
    """What a learner has put beside a question, or beside a family of computed ones (`question` is its card's key): a mark, a note."""

    __tablename__ = "remarks"

    owner: Mapped[str] = mapped_column(String(_OWNER), primary_key=True)
    question: Mapped[str] = mapped_column(String(_QUESTION), primary_key=True)
    marked: Mapped[bool] = mapped_column(Boolean, default=False)
    note: Mapped[str] = mapped_column(Text, default="")
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)


class ErrorReportRow(Base):
    """A learner says that a question is wrong."""

    __tablename__ = "error_reports"
    __table_args__ = (Index("error_reports_open", "settled", "at"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    owner: Mapped[str] = mapped_column(String(_OWNER))
    question: Mapped[str] = mapped_column(String(_QUESTION))
    text: Mapped[str] = mapped_column(Text)
    settled: Mapped[bool] = mapped_column(Boolean, default=False)
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class ExamRow(Base):
    """A mock exam: its whole paper, so that a changed bank changes no exam, the answers so far, and the time that is used.

    The time runs while `resumed_at` is set: used are `used_seconds` and what has passed since. `version` grows with every
    change, so that two windows don't overwrite each other unseen.
    """

    __tablename__ = "exams"
    __table_args__ = (Index("exams_of_owner", "owner", "created_at"),)

    id: Mapped[str] = mapped_column(String(_ID), primary_key=True)
    owner: Mapped[str] = mapped_column(String(_OWNER))
    title: Mapped[str] = mapped_column(Text)
    paper: Mapped[str] = mapped_column(Text)
    answers: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(String(_WORD))
    limit_seconds: Mapped[int]
    used_seconds: Mapped[int]
    resumed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    version: Mapped[int]
    report: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    submitted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
