"""C-Eval and CMMLU as they are downloaded: folders `dev` and `val` or `test`, a CSV file for each task."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from errors import ContentError
from eval.exams.exam_set import ExamSet, usable
from knowledge.bank import Bank, Unread, read_bank
from knowledge.questions import Question

__all__ = ["CATEGORIES", "SUBJECT_OF", "ceval_exam"]

SUBJECT_OF = {
    "computer_network": "cn",
    "operating_system": "os",
    "computer_architecture": "co",
    "college_programming": "ds",
}
"""C-Eval's tasks that are near to a subject of paper 408; all others stand under their own names."""

_STEM = """advanced_mathematics college_chemistry college_physics college_programming computer_architecture computer_network
discrete_mathematics electrical_engineer high_school_biology high_school_chemistry high_school_mathematics high_school_physics
metrology_engineer middle_school_biology middle_school_chemistry middle_school_mathematics middle_school_physics operating_system
probability_and_statistics veterinary_medicine"""
_SOCIAL = """business_administration college_economics education_science high_school_geography high_school_politics
mao_zedong_thought marxism middle_school_geography middle_school_politics teacher_qualification"""
_HUMANITIES = """art_studies chinese_language_and_literature high_school_chinese high_school_history
ideological_and_moral_cultivation law legal_professional logic middle_school_history modern_chinese_history professional_tour_guide"""
_OTHER = """accountant basic_medicine civil_servant clinical_medicine environmental_impact_assessment_engineer fire_engineer
physician plant_protection sports_science tax_accountant urban_and_rural_planner"""
CATEGORIES = {
    task: name
    for name, tasks in (("STEM", _STEM), ("社会科学", _SOCIAL), ("人文科学", _HUMANITIES), ("其他", _OTHER))
    for task in tasks.split()
}
"""The four categories of C-Eval's 52 tasks (Huang et al., C-Eval, NeurIPS 2023, table of subjects)."""

_SPLITS = ("val", "test")
_SHOTS = 5


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
    exam = ExamSet(f"{folder.name}（{len(tasks) or len(files)} 个科目）", [])
    for task in tasks or sorted(files):
        subject = SUBJECT_OF.get(task, task)
        questions, unread = usable(_named(read_bank(files[task], "ds"), subject))
        exam.questions += questions
        exam.unread += unread
        if shots:
            exam.examples.setdefault(subject, []).extend(_examples(folder, task, subject, exam.unread))
    if not exam.questions:
        told = "；".join(f"{one.place}：{one.reason}" for one in exam.unread[:3])
        raise ContentError(
            f"{folder} 里没有带答案的题（{told or '文件是空的'}）。C-Eval 的 test 没有公开答案，请用带 val 的文件夹。"
        )
    return exam


def _files(folder: Path) -> dict[str, Path]:
    """The CSV file of each task, of the first split that has any."""
    for split in _SPLITS:
        if found := sorted((folder / split).glob("*.csv")):
            return {path.stem.removesuffix(f"_{split}"): path for path in found}
    raise ContentError(
        f"{folder} 不是 C-Eval 或 CMMLU 的文件夹：里面应有 val/（或 test/）与 dev/，每科一个 CSV 文件。请检查 --ceval-dir。"
    )


def _examples(folder: Path, task: str, subject: str, unread: list[Unread]) -> list[Question]:
    path = next((p for p in (folder / "dev" / f"{task}_dev.csv", folder / "dev" / f"{task}.csv") if p.exists()), None)
    if path is None:
        unread.append(Unread(f"dev/{task}", "没有这一科的示例题，这一科不带示例"))
        return []
    bank = _named(read_bank(path, "ds"), subject)
    unread += bank.unread
    return bank.questions[:_SHOTS]


def _named(bank: Bank, subject: str) -> Bank:
    bank.questions = [replace(question, subject=subject) for question in bank.questions]
    return bank
