"""What a paper is worth, and how it is drawn."""

import random
from collections import Counter
from dataclasses import replace
from fractions import Fraction
from statistics import fmean

import pytest

from errors import ContentError, StorageError
from eval.exams.problems import paper_points_of
from knowledge.paper import CHOICES, PROBLEMS
from knowledge.syllabus import points
from tests.unit.tutoring.mock_exam.samples import bank, paper, short
from tutoring.mock_exam.drawing import full_paper
from tutoring.mock_exam.paper import ExamPaper, shown_points

SUBJECT_POINTS = {"ds": 45, "co": 45, "os": 35, "cn": 25}


@pytest.fixture(scope="module")
def papers() -> list[ExamPaper]:
    """Many papers: each takes longer to draw than to look at."""
    return [full_paper(bank(), random.Random(seed)) for seed in range(300)]


def test_every_paper_is_worth_what_the_real_one_is(papers: list[ExamPaper]) -> None:
    for seed, drawn in enumerate(papers):
        of = {s: sum((drawn.worth(n) for n in drawn.numbers if drawn.subject_of(n) == s), Fraction(0)) for s in drawn.subjects}
        assert of == SUBJECT_POINTS and drawn.full == 150, seed
        shown = sum(Fraction(shown_points(drawn.worth(n))) for n in drawn.numbers)
        assert abs(shown - 150) <= Fraction(3, 10), "rounding to tenths leaves at most 0.1 in a subject with two problems"
        assert len({entry.id for entry in (*drawn.questions, *drawn.problems)}) == 47


def test_a_paper_has_its_subjects_in_their_order_and_half_of_it_computed_at_most(papers: list[ExamPaper]) -> None:
    for drawn in papers:
        subjects = [question.subject for question in drawn.questions]
        assert subjects == [s for s, n in CHOICES.items() for _ in range(n)]
        assert [p.subject for p in drawn.problems] == [s for s, n in PROBLEMS.items() for _ in range(n)]
        for subject, n in CHOICES.items():
            computed = [q.family for q in drawn.questions if q.subject == subject and q.family]
            assert n // 4 <= len(computed) <= n // 2 and len(set(computed)) == len(computed)


def chapters_of(drawn: ExamPaper, subject: str) -> Counter[str]:
    return Counter(points()[min(q.points)].chapter for q in drawn.questions if q.subject == subject)


def test_a_paper_is_spread_over_the_chapters(papers: list[ExamPaper]) -> None:
    for seed, drawn in enumerate(papers):
        for subject in CHOICES:
            asked, known = chapters_of(drawn, subject), {p.chapter for p in points().values() if p.subject == subject}
            assert len(asked) >= len(known) - 2 and max(asked.values()) <= 3, (seed, subject, asked)
            problems = [points()[min(p.points)].chapter for p in drawn.problems if p.subject == subject]
            assert len(set(problems)) == len(problems), (seed, subject, problems)


def test_every_written_question_comes_up_about_as_often(papers: list[ExamPaper]) -> None:
    often = Counter(q.id for drawn in papers for q in drawn.questions if not q.family)
    times = [often[question.id] for question in bank().questions]
    assert min(times) >= 3 and max(times) <= 3 * fmean(times), (min(times), fmean(times), max(times))


def test_the_points_agree_with_those_that_the_evaluation_counts() -> None:
    drawn, rng = paper(3), random.Random(3)
    scores = {problem.id: rng.randint(0, problem.score) for problem in drawn.problems}
    ours = sum((drawn.rate(p.subject) * scores[p.id] for p in drawn.problems), Fraction(0))
    marks = [{"subject": p.subject, "score": scores[p.id], "full": p.score} for p in drawn.problems]
    table = {"all": {"pending": 0}} | {s: {"correct": 0} for s in CHOICES}
    theirs = paper_points_of(
        [{"name": "", "mode": "gen", "rag": False, "table": table}], [{"rag": False, "marks": marks}]
    )[0]["problems"]  # fmt: skip
    assert theirs == pytest.approx(float(ours), abs=0.051)


def test_what_a_learner_has_met_is_drawn_last() -> None:
    seen = {q.id for q in bank().questions if q.subject == "os"} - {f"x{n}" for n in range(3)}
    fresh = [q.id for q in bank().questions if q.subject == "os"][:10]
    known = replace(bank(), seen=seen - set(fresh))
    drawn = full_paper(known, random.Random(5))
    written = [q for q in drawn.questions if q.subject == "os" and not q.family]
    assert {q.id for q in written} <= set(fresh)
    met = {p.id for p in bank().problems} - {p.id for p in bank().problems if p.subject == "cn"}
    problems = full_paper(replace(bank(), seen=met), random.Random(5)).problems
    assert len(problems) == 7, "what was met comes again rather than nothing"


def test_too_small_a_bank_is_told() -> None:
    with pytest.raises(ContentError, match="计算机网络.*道这种题"):
        full_paper(replace(bank(), problems=[p for p in bank().problems if p.subject != "cn"]), random.Random(1))


def test_a_paper_is_kept_whole() -> None:
    for drawn in (paper(), short()):
        assert ExamPaper.from_json(drawn.to_json()) == drawn
    with pytest.raises(StorageError, match="试卷读不出来"):
        ExamPaper.from_json('{"kind": "full"}')


def test_numbers_fields_and_worth() -> None:
    drawn = paper()
    assert drawn.numbers == range(1, 48) and drawn.fields(12) == ("12",)
    assert drawn.fields(41) == tuple(f"41.{n}" for n in range(1, len(drawn.problems[0].parts) + 1))
    assert drawn.fields(0) == drawn.fields(48) == () and drawn.question(0) is None and drawn.problem(48) is None
    assert drawn.worth(47) == 9 and short().full == 40 and len(short().questions) == 20
    assert [shown_points(Fraction(*p)) for p in ((1, 1), (1289, 100), (25, 2), (1295, 100))] == ["1", "12.9", "12.5", "13"]
