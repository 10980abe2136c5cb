"""Where points were lost: by question, by knowledge point, dearest first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from knowledge.questions import Question
from knowledge.syllabus import KnowledgePoint, points
from tutoring.mock_exam.exam import Exam
from tutoring.mock_exam.marks import band_of

__all__ = ["FREQUENCY", "Earned", "Loss", "earned", "losses", "lost_questions"]

FREQUENCY = {"高": 3, "中": 2, "低": 1}
"""How much a lost point weighs by how often the point is examined (`WEIGHTS` of the syllabus)."""


@dataclass(frozen=True)
class Earned:
    """Points of a number, in points of the paper: for sure, at most, and in full."""

    low: Fraction
    high: Fraction
    full: Fraction

    def __add__(self, other: Earned) -> Earned:
        return Earned(self.low + other.low, self.high + other.high, self.full + other.full)

    @property
    def middle(self) -> Fraction:
        """Between both."""
        return (self.low + self.high) / 2


@dataclass(frozen=True)
class Loss:
    """What a knowledge point has cost: the points lost on it, and the numbers that lost them."""

    point: str
    lost: Fraction
    numbers: tuple[int, ...]


def earned(exam: Exam, number: int) -> Earned:
    """The points of a number. A problem that isn't marked yet may have earned anything."""
    full = exam.paper.worth(number)
    if question := exam.paper.question(number):
        points = full if exam.chosen(number) == question.key else Fraction(0)
        return Earned(points, points, full)
    problem = exam.paper.problem(number)
    marks = exam.marking.problems.get(number)
    if problem is None or marks is None:
        return Earned(Fraction(0), full, full)
    low, high = band_of(marks)
    rate = exam.paper.rate(problem.subject)
    return Earned(rate * low, rate * high, full)


def losses(exam: Exam, syllabus: Mapping[str, KnowledgePoint]) -> list[Loss]:
    """Points of the syllabus on which something was lost, those first that cost most, often examined ones more.

    What a question lost is shared evenly by its points; where the marks are open, half of what is open counts as lost.
    """
    lost: dict[str, Fraction] = {}
    numbers: dict[str, list[int]] = {}
    for number in exam.paper.numbers:
        entry = exam.paper.question(number) or exam.paper.problem(number)
        here = earned(exam, number)
        on = [point for point in entry.points if point in syllabus] if entry else []
        if here.middle == here.full or not on:
            continue
        for point in on:
            lost[point] = lost.get(point, Fraction(0)) + (here.full - here.middle) / len(on)
            numbers.setdefault(point, []).append(number)
    found = [Loss(point, points, tuple(numbers[point])) for point, points in lost.items()]
    return sorted(found, key=lambda loss: (-loss.lost * FREQUENCY[syllabus[loss.point].weight], loss.point))


def lost_questions(exam: Exam) -> dict[str, list[Question]]:
    """For each knowledge point on which something was lost, dearest first, the choice questions that lost it."""
    found: dict[str, list[Question]] = {}
    for loss in losses(exam, points()):
        questions = (exam.paper.question(number) for number in loss.numbers)
        found[loss.point] = [question for question in questions if question]
    return found
