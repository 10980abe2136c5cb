"""C-Eval and CMMLU as they are downloaded: folders `dev` and `val` or `test`, a CSV file for each task."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from itertools import chain, count
from pathlib import Path

from errors import ContentError
from eval.exams.categories import SUBJECT_OF
from eval.exams.exam_set import SKIPPED, ExamSet, Told, one_line, printed, usable
from eval.exams.examples import EXAMPLES, without
from eval.exams.summary import ALL
from knowledge.bank import Bank, Unread, read_bank
from knowledge.questions import Question

__all__ = ["ceval_exam"]

_SPLITS = ("val", "test")


def ceval_exam(folder: Path, tasks: Sequence[str], shots: int) -> ExamSet:
    """The questions of `val` (C-Eval) or `test` (CMMLU, which has keys there); the examples are those of `dev`.

    Args:
        tasks: names of tasks; none for all that the folder has.

    Raises:
        ContentError: there is no such folder, task, or question with a key.
    """
    files = _files(folder)
    if unknown := [task for task in tasks if task not in files]:
        raise ContentError(f"{folder} 里没有这些科目：{'、'.join(unknown)}。可选：{'、'.join(sorted(files))}。")
    subjects = _subjects(list(dict.fromkeys(tasks)) or sorted(files))
    exam = ExamSet(f"{one_line(folder.resolve().name)}（{len(subjects)} 个科目）", [])
    whole = Bank()
    for task, subject in subjects.items():
        bank = _named(read_bank(files[task], "ds"), subject)
        whole.questions += bank.questions
        whole.places += bank.places
        whole.unread += bank.unread
    exam.questions, refused = usable(whole)
    exam.unread = [*whole.unread, *refused]
    if shots:
        for task, subject in subjects.items():
            if asked := [question for question in exam.questions if question.subject == subject]:
                exam.examples[subject] = _examples(folder, files[task], subject, asked, exam.unread)
    if not exam.questions:
        told = "；".join(f"{one.place}：{one.reason}" for one in exam.unread[:3])
        raise ContentError(
            f"{folder} 里没有带答案的题（{told or '文件是空的'}）。C-Eval 的 test 没有公开答案，请用带 val 的文件夹。"
        )
    return exam


def _files(folder: Path) -> dict[str, Path]:
    """The CSV file of each task, of the first split that has any."""
    for split in _SPLITS:
        found: dict[str, Path] = {}
        for path in sorted(path for path in (folder / split).glob("*.csv") if not path.name.startswith(".")):
            found[_unused(one_line(_task(path)) or "task", found)] = path
        if found:
            return found
    raise ContentError(
        f"{folder} 不是 C-Eval 或 CMMLU 的文件夹：里面应有 val/（或 test/）与 dev/，每科一个 CSV 文件。请检查 --ceval-dir。"
    )


def _subjects(tasks: Sequence[str]) -> dict[str, str]:
    """What each task's questions stand under in the tables, each under another name and none under that of the total."""
    found: dict[str, str] = {}
    for task in tasks:
        found[task] = _unused(SUBJECT_OF.get(task, f"{task}_task" if task == ALL else task), found.values())
    return found


def _unused(wanted: str, taken: Collection[str]) -> str:
    return next(name for name in chain([wanted], (f"{wanted}-{n}" for n in count(2))) if name not in taken)


def _task(path: Path) -> str:
    return path.stem.removesuffix(f"_{path.parent.name}")


def _examples(folder: Path, file: Path, subject: str, asked: Sequence[Question], unread: list[Unread]) -> list[Question]:
    """The first five of the task's `dev` that are not asked in it; what is wrong with them is told."""
    task = _task(file)
    path = next((p for p in (folder / "dev" / f"{task}_dev.csv", folder / "dev" / f"{task}.csv") if p.exists()), None)
    if path is None:
        unread.append(Told(one_line(f"dev/{task}"), "没有这一科的示例题，这一科不带示例", SKIPPED))
        return []
    bank = _named(read_bank(path, "ds"), subject)
    unread += bank.unread
    free = without(bank.questions, asked)
    if len(free) < EXAMPLES:
        also = f"（另有 {asked_too} 道就在考题里，不能作示例）" if (asked_too := len(bank.questions) - len(free)) else ""
        unread.append(Told(one_line(f"dev/{path.name}"), f"这一科只带 {len(free)} 道示例{also}", SKIPPED))
    return free[:EXAMPLES]


def _named(bank: Bank, subject: str) -> Bank:
    bank.questions = [replace(question, subject=subject) for question in bank.questions]
    return printed(bank)
