"""What lies before a learner: one question of practice and one of review, kept from showing to answer through reload and restart."""

from __future__ import annotations

import random
import re
import secrets
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import update
from sqlalchemy.orm import Session as Connection

from knowledge.questions import LETTERS, Question
from tutoring.attempts import PASSED, Source
from tutoring.bank import question_named
from tutoring.clock import Clock, utc_now
from tutoring.database import Database
from tutoring.learner_records import OpenQuestionRow
from tutoring.practice.cards import Card, Cards, key_of
from tutoring.practice.choosing import Nothing, choose
from tutoring.practice.days import next_day
from tutoring.practice.filters import Done, Filters
from tutoring.practice.history import History
from tutoring.practice.recording import Rating, rate_in, record_in
from tutoring.practice.remarks import Remarks
from tutoring.practice.reviewing import variant_of
from tutoring.practice.variants import Listed

__all__ = ["Asked", "Desk"]

_TOKEN_BYTES = 8
_TOKEN = re.compile(rf"[0-9a-f]{{{2 * _TOKEN_BYTES}}}")
"""Anything else was not given out here, and a database may not take it: NUL, halves of surrogate pairs."""


@dataclass(frozen=True)
class Asked:
    """The question before a learner.

    Attributes:
        token: names this showing of it: an answer from another window is not taken for an answer to it.
        chosen: the listed letter, '' for 不会; None while it is open.
        seconds: from showing to answering.
        rating: FSRS's of the answer; None while it is open.
        card: of the question, once it is answered.
    """

    token: str
    listed: Listed
    filters: Filters
    asked_at: datetime
    chosen: str | None = None
    seconds: int | None = None
    rating: Rating | None = None
    card: Card | None = None

    @property
    def question(self) -> Question:
        """As it stands in the bank."""
        return self.listed.question

    @property
    def right(self) -> bool:
        """Whether it is answered, and rightly."""
        return self.chosen == self.listed.key


class Desk:
    """The desks of learners. Every method may raise `StorageError`; nobody else's question is ever read or answered."""

    def __init__(
        self,
        database: Database,
        source: Source,
        clock: Clock = utc_now,
        rng: random.Random | None = None,
        history: History | None = None,
    ) -> None:
        """`history` may be shared between desks."""
        self._database = database
        self._source = source
        self._clock = clock
        self._rng = rng or random.SystemRandom()
        self._history = history or History(database, clock)
        self._cards = Cards(database, clock)
        self._remarks = Remarks(database, clock)

    def open(self, owner: str) -> Asked | None:
        """What lies there, answered or not; None if nothing does, or if the bank doesn't hold it any more."""
        with self._database.reading() as connection:
            row = connection.get(OpenQuestionRow, (owner, self._source))
            asked = _asked(row) if row else None
        if asked is None or asked.chosen is None:
            return asked
        return replace(asked, card=self._cards.of(owner, key_of(asked.question)))

    def next(self, owner: str, filters: Filters) -> Asked | Nothing:
        """Put the next question of practice there. One that was not answered is skipped: nothing is kept of it."""
        lies = self.open(owner)
        past = self._history.of(owner)
        done = Done(past.seen, past.families, self._cards.wrong(owner), self._remarks.marked(owner))
        listed = choose(filters, done, past.beliefs, self._rng, lies.question if lies else None)
        return listed if isinstance(listed, Nothing) else self._put(owner, listed, filters)

    def next_review(self, owner: str, subject: str = "", early: bool = False) -> Asked | None:
        """Put the next review of today there, the longest overdue first; None if there is none.

        Args:
            early: when none is due today, the one that will be due first.
        """
        lies = self.open(owner)
        due = [card for card in self._cards.due(owner, next_day(self._clock())) if subject in ("", card.subject)]
        if early and not due:
            due = [card for card in self._cards.all(owner) if not card.removed and subject in ("", card.subject)]
        last = key_of(lies.question) if lies else ""
        due.sort(key=lambda card: card.key == last)  # another one first, if there is one
        for card in due:
            seen = self._history.of(owner).seen
            if listed := variant_of(card, (*seen, lies.question.id) if lies else seen, self._rng):
                return self._put(owner, listed, Filters(subject=subject))
        return None

    def answer(self, owner: str, token: str, letter: str) -> Asked | None:
        """Answer with a listed letter, '' for 不会; what lies there afterwards.

        An answer that comes twice, or to another question than the one that lies there, changes nothing.
        """
        if not _TOKEN.fullmatch(token):
            return self.open(owner)
        now, letter = self._clock(), letter if letter in tuple(LETTERS) else PASSED
        with self._database.writing(owner) as connection:
            row = _claimed(connection, owner, self._source, token, now)
            asked = _asked(row) if row else None
            if row and asked:
                row.seconds = max(int((now - asked.asked_at).total_seconds()), 0)
                row.chosen = asked.listed.bank(letter)
                row.rating = int(Rating.Good if row.chosen == asked.question.key else Rating.Again)
                record_in(connection, owner, [(asked.question, row.chosen, row.seconds)], self._source, now)
        return self.open(owner)

    def rate(self, owner: str, token: str, rating: Rating) -> Asked | None:
        """Say how hard a right answer was; it stands in place of what was said before."""
        with self._database.writing(owner) as connection:
            row = connection.get(OpenQuestionRow, (owner, self._source), with_for_update=True)
            asked = _asked(row) if row else None
            if row and asked and asked.right and row.token == token and row.answered_at and rating is not Rating.Again:
                row.rating = int(rating)
                rate_in(connection, owner, asked.question, row.answered_at, rating)
        return self.open(owner)

    def named(self, owner: str, token: str) -> Question | None:
        """The question that lies there, if it is the one that `token` names."""
        asked = self.open(owner)
        return asked.question if asked and asked.token == token else None

    def _put(self, owner: str, listed: Listed, filters: Filters) -> Asked:
        asked = Asked(secrets.token_hex(_TOKEN_BYTES), listed, filters, self._clock())
        with self._database.writing(owner) as connection:
            connection.merge(
                OpenQuestionRow(
                    owner=owner, source=self._source, token=asked.token, question=listed.question.id, shown_order=listed.order,
                    filters=filters.to_json(), asked_at=asked.asked_at, chosen=None, seconds=None, rating=None, answered_at=None,
                )
            )  # fmt: skip
        return asked


def _claimed(connection: Connection, owner: str, source: str, token: str, now: datetime) -> OpenQuestionRow | None:
    """The open question, by the one window whose answer comes first; None for every other answer."""
    mine = (OpenQuestionRow.owner == owner, OpenQuestionRow.source == source)
    still = (OpenQuestionRow.token == token, OpenQuestionRow.chosen.is_(None), OpenQuestionRow.answered_at.is_(None))
    claim = update(OpenQuestionRow).where(*mine, *still)
    claimed = connection.execute(claim.values(answered_at=now).returning(OpenQuestionRow.token)).first()
    return connection.get(OpenQuestionRow, (owner, source)) if claimed else None


def _asked(row: OpenQuestionRow) -> Asked | None:
    question = question_named(row.question)
    if question is None:
        return None
    listed = Listed(question, row.shown_order)
    chosen = None if row.chosen is None else listed.listed(row.chosen)
    rating = None if row.rating is None else Rating(row.rating)
    return Asked(row.token, listed, Filters.from_json(row.filters), row.asked_at, chosen, row.seconds, rating)
