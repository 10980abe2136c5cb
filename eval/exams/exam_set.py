"""The questions of an exam, where they come from, and what was not taken, with the reason."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from errors import ContentError
from eval.exams.computed import computed_examples, computed_questions
from eval.exams.examples import examples_beside, without
from knowledge.bank import BANK, Bank, Unread, read_banks
from knowledge.exam_paper import needs_picture
from knowledge.generators import families
from knowledge.paper import CHOICES, compose, numbered
from knowledge.printable import printable
from knowledge.problems import Problem
from knowledge.questions import Question
from rag.contamination import question_hash

__all__ = [
    "DUPLICATE",
    "RENAMED",
    "SKIPPED",
    "UNREADABLE",
    "ExamSet",
    "Told",
    "bank_exam",
    "generated_exam",
    "kind_of",
    "limited",
    "paper_exam",
    "one_line",
    "printed",
    "usable",
]

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
        examples: by subject, solved questions for the prompt, none of which is asked in that subject.
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
    bank = printed(read_banks(paths or [BANK], subject))
    source = _names(paths) or "自带题库"
    questions, refused = usable(bank)
    exam = ExamSet(source, questions, unread=[*bank.unread, *refused], about="" if paths else _ABOUT)
    if shots:
        exam.examples = examples_beside(questions, read_banks([BANK]).questions)
        exam.questions = without(questions, [one for group in exam.examples.values() for one in group])
        if shown := [one.id for one in questions if one not in exam.questions]:
            exam.unread.append(
                Told(source, f"{len(shown)} 道题是提示词里的示例，没有计入：{one_line('、'.join(shown))}", SKIPPED)
            )
    return _checked(exam)


def generated_exam(n: int, seed: int, shots: int) -> ExamSet:
    """`n` computed questions, shared out over the subjects as the paper's points are; nobody can have seen them before.

    Same `n` and seed, same questions. The examples are computed too; none has the stem of a question that is asked.
    """
    kept, told = usable(
        Bank(asked := computed_questions(families().values(), n, seed), places=[question.id for question in asked])
    )
    if len(kept) < n:
        told.append(Told("--generated", f"题族再给不出不同的题，要 {n} 道，只有 {len(kept)} 道", SKIPPED))
    examples = computed_examples(families().values(), kept) if shots else {}
    return ExamSet(f"计算题 {n} 道（种子 {seed}）", kept, examples, told, about=_ABOUT_COMPUTED)


def paper_exam(paths: Sequence[Path], seed: int, shots: int) -> ExamSet:
    """A whole paper: the one in the files, with subjects by number; or one drawn from the shipped bank.

    Raises:
        ContentError: the files don't hold 40 choice questions that can be asked.
    """
    shipped = read_banks([BANK])
    if paths:
        exam = _given_paper(paths)
    else:
        paper = compose(shipped.questions, shipped.problems, seed)
        problems = list(paper.problems)
        exam = ExamSet(f"自带题库组卷（种子 {seed}）", list(paper.questions), problems=problems, paper=True, about=_ABOUT)
    exam.examples = examples_beside(exam.questions, shipped.questions) if shots else {}
    return exam


def _given_paper(paths: Sequence[Path]) -> ExamSet:
    """The paper in the files; it is whole, or its points would count for nothing."""
    bank = printed(read_banks(paths, "ds"))  # some subject, so that none is left out for lack of one
    questions, told = usable(bank)
    lost = [one for one in told if kind_of(one) != RENAMED]
    if lost or (bank.unread and len(questions) != sum(CHOICES.values())):
        reasons = "；".join(f"{one.place}：{one.reason}" for one in [*bank.unread, *lost])
        raise ContentError(
            f"一套 408 试卷有 {sum(CHOICES.values())} 道单项选择题，这里能考的只有 {len(questions)} 道。{reasons}。"
            "请改正这些题，或去掉 --paper。"
        )
    source = f"{_names(paths)}（整卷）"
    return ExamSet(source, list(numbered(questions)), {}, [*bank.unread, *told], bank.problems, paper=True)


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
                said = f"编号 {question.id} 已被前面的题用过，改记为 {fresh.id}，照常计入"
                refused.append(Told(place, one_line(said), RENAMED))
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


def one_line(text: str) -> str:
    """A text of others on one line, without what could steer a terminal."""
    return " ".join(printable(text).split())


def printed(bank: Bank) -> Bank:
    """The bank, what is told of its files fit to be printed."""
    bank.places = [one_line(place) for place in bank.places]
    bank.unread = [replace(one, place=one_line(one.place), reason=one_line(one.reason)) for one in bank.unread]
    return bank


def _names(paths: Sequence[Path]) -> str:
    return "、".join(one_line(path.name or str(path)) for path in paths)


def _checked(exam: ExamSet) -> ExamSet:
    if not exam.questions:
        told = "；".join(f"{one.place}：{one.reason}" for one in exam.unread[:3])
        raise ContentError(f"{exam.source} 里没有可以考的题（{told or '文件里没有题目'}）。请改正题库后再试。")
    return exam
