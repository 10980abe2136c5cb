"""What an exam says: points by subject and section, where the time went, what was lost, how it compares with the one before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from knowledge.syllabus import points
from tutoring.mock_exam.exam import DONE, Exam
from tutoring.mock_exam.losses import Earned, Loss, earned, losses
from tutoring.mock_exam.paper import shown_points

__all__ = ["Report", "SubjectPoints", "before_of", "finished", "report_of", "shown_band"]

_NOTHING = Earned(Fraction(0), Fraction(0), Fraction(0))
_SLOWEST = 5


@dataclass(frozen=True)
class SubjectPoints:
    """The points of one subject in both sections."""

    subject: str
    choices: Earned
    problems: Earned

    @property
    def total(self) -> Earned:
        """Both together."""
        return self.choices + self.problems


@dataclass(frozen=True)
class Report:
    """All that is shown of an exam that is handed in.

    Attributes:
        right: numbers of right choice questions.
        open_marks: criteria that the learner has not settled yet.
        slowest: the numbers that took longest, with their seconds.
        before: the report of the exam of the same kind before this one, if there is one.
    """

    exam: Exam
    subjects: tuple[SubjectPoints, ...]
    right: int
    unanswered: tuple[int, ...]
    open_marks: int
    losses: tuple[Loss, ...]
    slowest: tuple[tuple[int, int], ...]
    before: Report | None = None

    @property
    def choices(self) -> Earned:
        """The first section."""
        return sum((row.choices for row in self.subjects), _NOTHING)

    @property
    def problems(self) -> Earned:
        """The second section."""
        return sum((row.problems for row in self.subjects), _NOTHING)

    @property
    def total(self) -> Earned:
        """The whole paper."""
        return self.choices + self.problems

    @property
    def used(self) -> int:
        """Seconds."""
        return self.exam.timing.used


def report_of(exam: Exam, before: Exam | None = None) -> Report:
    """The report of an exam, beside that of an earlier one."""
    paper, spent = exam.paper, exam.sheet.spent
    marks = [mark for listed in exam.marking.problems.values() for mark in listed]
    slowest = sorted(spent.items(), key=lambda entry: -entry[1])[:_SLOWEST]
    return Report(
        exam,
        tuple(_subject(exam, subject) for subject in paper.subjects),
        sum(exam.chosen(number) == question.key for number, question in enumerate(paper.questions, 1)),
        exam.unanswered,
        sum(mark.is_open and mark.given is None for mark in marks),
        tuple(losses(exam, points())),
        tuple(entry for entry in slowest if entry[1] > 0),
        report_of(before) if before else None,
    )


def before_of(exam: Exam, exams: Sequence[Exam]) -> Exam | None:
    """The latest marked exam before this one that can be compared with it: of the same kind and, if short, the same subject."""
    earlier = [
        other for other in finished(exams)
        if other.created_at < exam.created_at and other.paper.kind == exam.paper.kind and other.paper.subjects == exam.paper.subjects
    ]  # fmt: skip
    return max(earlier, key=lambda other: other.created_at, default=None)


def finished(exams: Sequence[Exam]) -> list[Exam]:
    """The marked ones, earliest first."""
    return sorted((exam for exam in exams if exam.state == DONE), key=lambda exam: exam.created_at)


def shown_band(points: Earned) -> str:
    """`98`, or `98–112` where marks are open."""
    low, high = shown_points(points.low), shown_points(points.high)
    return low if low == high else f"{low}–{high}"


def _subject(exam: Exam, subject: str) -> SubjectPoints:
    paper = exam.paper
    of = [number for number in paper.numbers if paper.subject_of(number) == subject]
    choices = sum((earned(exam, number) for number in of if paper.question(number)), _NOTHING)
    problems = sum((earned(exam, number) for number in of if paper.problem(number)), _NOTHING)
    return SubjectPoints(subject, choices, problems)
