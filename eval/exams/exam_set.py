"""The questions of an exam, where they come from, and what was not taken, with the reason."""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from errors import ContentError
from eval.exams.samples import question_hash
from knowledge.bank import BANK, Bank, Unread, read_banks
from knowledge.exam_paper import needs_picture
from knowledge.generators import families
from knowledge.paper import compose, numbered
from knowledge.problems import Problem
from knowledge.questions import Question
from knowledge.subjects import SUBJECTS

__all__ = [
    "DUPLICATE",
    "RENAMED",
    "SKIPPED",
    "UNREADABLE",
    "ExamSet",
    "bank_exam",
    "examples_of",
    "generated_exam",
    "kind_of",
    "limited",
    "paper_exam",
    "usable",
]

_EXAMPLES = 5
_ABOUT = (
    "自带题库是本项目自写的模拟题，不是历年真题，难度没有用考生标定；笔记与题目出自同一项目，“检索”的成绩在别的题上可能低一些。"
)
_ABOUT_COMPUTED = "题由程序现算，数字是新的；题型可能见过。"


UNREADABLE, SKIPPED, DUPLICATE, RENAMED = "unreadable", "skipped", "duplicate", "renamed"


@dataclass(frozen=True)
class Told(Unread):
    """Something that a reader is told of a question: it can't be read, is not asked, is asked already, or has another id."""

    kind: str = UNREADABLE


@dataclass
class ExamSet:
    """What is asked.

    Attributes:
        source: what the report says of where the questions are from.
        examples: by subject, solved questions for the prompt, none of which is asked.
        problems: the 综合应用题 of a whole paper.
        paper: whether it is a whole paper, whose points are counted.
        about: what a reader must know of the questions.
    """

    source: str
    questions: list[Question]
    examples: dict[str, list[Question]] = field(default_factory=dict)
    unread: list[Unread] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    paper: bool = False
    about: str = ""


def bank_exam(paths: Sequence[Path], subject: str, shots: int) -> ExamSet:
    """The questions of files and folders, or the shipped bank; with `shots`, examples of the shipped bank, which are not asked.

    Raises:
        ContentError: a file does not exist, or none of its questions can be asked.
    """
    bank = read_banks(paths or [BANK], subject)
    source = "、".join(path.name or str(path) for path in paths) or "自带题库"
    examples = examples_of(read_banks([BANK]).questions) if shots else {}
    shown = {question_hash(one) for group in examples.values() for one in group}
    questions, refused = usable(bank)
    asked = [question for question in questions if question_hash(question) not in shown]
    return _checked(ExamSet(source, asked, examples, [*bank.unread, *refused], about="" if paths else _ABOUT))


def generated_exam(n: int, seed: int, shots: int) -> ExamSet:
    """`n` computed questions, shared out over the subjects as the paper's points are; nobody can have seen them before.

    Same `n` and seed, same questions. The examples are computed too, from numbers that no seed of an exam gives.
    """
    by_subject = {s: [f for f in families().values() if f.subject == s] for s in SUBJECTS if SUBJECTS[s].points}
    questions: list[Question] = []
    for subject, count in _shares(n).items():
        rng = random.Random(f"exam/{seed}/{subject}")
        turns = rng.sample(by_subject[subject], len(by_subject[subject]))
        for i in range(count):
            family = turns[i % len(turns)]
            questions.append(family.generate(seed * 1_000_000 + i, rng.randint(2, 4)))
    examples = {s: [f.generate(-1 - i, 2) for i, f in enumerate(found[:_EXAMPLES])] for s, found in by_subject.items()}
    kept, refused = usable(Bank(questions, places=[question.id for question in questions]))
    return ExamSet(f"计算题 {n} 道（种子 {seed}）", kept, examples if shots else {}, refused, about=_ABOUT_COMPUTED)


def paper_exam(paths: Sequence[Path], seed: int, shots: int) -> ExamSet:
    """A whole paper: the one in the files, with subjects by number; or one drawn from the shipped bank.

    Raises:
        ContentError: the files don't hold 40 choice questions.
    """
    shipped = read_banks([BANK])
    examples = examples_of(shipped.questions) if shots else {}
    shown = {one.id for group in examples.values() for one in group}
    if paths:
        bank = read_banks(paths, "ds")  # some subject, so that none is left out for lack of one
        source = "、".join(path.name for path in paths)
        return ExamSet(f"{source}（整卷）", list(numbered(bank.questions)), examples, bank.unread, bank.problems, paper=True)
    paper = compose([q for q in shipped.questions if q.id not in shown], shipped.problems, seed)
    return ExamSet(
        f"自带题库组卷（种子 {seed}）", list(paper.questions), examples, [], list(paper.problems), paper=True, about=_ABOUT
    )


def examples_of(questions: Iterable[Question]) -> dict[str, list[Question]]:
    """Five questions of each subject, from beginning to end of the syllabus."""
    groups: dict[str, list[Question]] = {}
    for question in questions:
        groups.setdefault(question.subject, []).append(question)
    return {s: [group[i * len(group) // _EXAMPLES] for i in range(min(_EXAMPLES, len(group)))] for s, group in groups.items()}


def usable(bank: Bank) -> tuple[list[Question], list[Unread]]:
    """The questions that can be asked, each once, and the others with the reason.

    Two questions with one id are both asked, the later under another id: nothing is lost, and no record stands for two.
    """
    kept, refused = list[Question](), list[Unread]()
    seen, ids = dict[str, str](), set[str]()
    for question, place in zip(bank.questions, bank.places, strict=True):
        identity = question_hash(question)
        if needs_picture(question.stem, question.options):
            refused.append(Told(place, "题目要看图，而文字里没有图，没有计入", SKIPPED))
        elif len({option.strip() for option in question.options}) < len(question.options):
            refused.append(Told(place, "有两个选项相同，没有计入", SKIPPED))
        elif identity in seen:
            refused.append(Told(place, f"与 {seen[identity]} 是同一道题，只计一次", DUPLICATE))
        else:
            seen[identity] = place
            fresh = question if question.id not in ids else replace(question, id=f"{question.id}#{identity[:4]}")
            if fresh is not question:
                refused.append(Told(place, f"编号 {question.id} 已被前面的题用过，改记为 {fresh.id}，照常计入", RENAMED))
            ids.add(fresh.id)
            kept.append(fresh)
    return kept, refused


def kind_of(one: Unread) -> str:
    """What happened to a question that is told of."""
    return one.kind if isinstance(one, Told) else UNREADABLE


def limited(questions: Sequence[Question], n: int | None) -> list[Question]:
    """At most `n` questions, of each subject as large a share as in the whole, spread over it."""
    if n is None or n >= len(questions):
        return list(questions)
    order = sorted(range(len(questions)), key=lambda i: (questions[i].subject, i))
    chosen = {order[k * len(order) // n] for k in range(n)}
    return [question for i, question in enumerate(questions) if i in chosen]


def _shares(n: int) -> dict[str, int]:
    """`n` shared out by the paper's points, the largest remainders first."""
    points = {s.id: s.points for s in SUBJECTS.values() if s.points}
    whole = sum(points.values())
    shares = {s: n * p // whole for s, p in points.items()}
    rest = sorted(points, key=lambda s: -(n * points[s] % whole))
    return {s: count + (s in rest[: n - sum(shares.values())]) for s, count in shares.items()}


def _checked(exam: ExamSet) -> ExamSet:
    if not exam.questions:
        told = "；".join(f"{one.place}：{one.reason}" for one in exam.unread[:3])
        raise ContentError(f"{exam.source} 里没有可以考的题（{told or '文件里没有题目'}）。请改正题库后再试。")
    return exam
