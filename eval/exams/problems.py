"""The 综合应用题 of a whole paper: answered by the model, marked by a judge, each a line of a file as soon as it is there.

Answers and marks are kept apart: another judge marks the same answers.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from errors import ChatModelError, ContentError, UsageError
from eval.exams.exam_run import Run
from eval.exams.samples import GENERATION
from eval.json_lines import mend, whole_lines
from knowledge.paper import CHOICE_POINTS, CHOICES, PROBLEM_POINTS, PROBLEMS
from knowledge.problems import Problem
from rag.chat_models.label import is_generative
from settings import Settings

__all__ = ["PROBLEM_ANSWERS", "PROBLEM_MARKS", "judge_settings", "mark_problems", "paper_points_of"]

PROBLEM_ANSWERS, PROBLEM_MARKS = "problem_answers.jsonl", "problem_marks.jsonl"
_NOT_WRITTEN = "选项概率不写答案，没有综合应用题的得分，不计总分。"


@dataclass(frozen=True)
class _Asked:
    """A problem, with or without passages."""

    problem: Problem
    rag: bool

    @property
    def key(self) -> tuple[str, bool]:
        return self.problem.id, self.rag


def judge_settings(told: str, settings: Settings, modes: Sequence[str]) -> Settings:
    """Settings of the judge that `--judge` names.

    Raises:
        UsageError: it can't be a judge, is the model that is examined, or there is nothing for it to mark.
    """
    from eval.judging.systems import System, check_apart, judge_of

    if not is_generative(settings):
        raise UsageError("检索基线不会做综合应用题，没有可评的。请去掉 --judge，或设置 TUTOR_CHAT_MODEL 后再测。")
    if GENERATION not in modes:
        raise UsageError(f"{_NOT_WRITTEN}请去掉 --judge，或用 --mode gen。")
    judge = judge_of(told, settings)
    check_apart([System("被测的模型", settings)], judge)
    return judge.settings


def mark_problems(run: Run, judge: Settings) -> list[dict[str, Any]]:
    """Answer what has no answer and mark what has no marks of this judge; for each retrieval setting what summary.json says.

    A failure leaves a problem pending.

    Raises:
        SettingsError, ModelLoadError: a model can't be loaded.
        ContentError: a file of answers or marks is damaged.
    """
    from eval.identity import fingerprint
    from rag.chat_models.label import model_label

    by, wanted = fingerprint(judge), [_Asked(p, rag) for rag in run.plan.rag for p in run.exam.problems]
    answers = {(row["id"], row["rag"]): row["answer"] for row in _read(run.folder / PROBLEM_ANSWERS)}
    answers |= dict(_answered(run, [one for one in wanted if one.key not in answers]))
    marks = {(row["id"], row["rag"]): row for row in _read(run.folder / PROBLEM_MARKS) if row["judge"] == by}
    marks = {key: row for key, row in marks.items() if row["score"] is not None}  # what could not be read is tried again
    marks |= dict(
        _marked(run.folder / PROBLEM_MARKS, [o for o in wanted if o.key in answers and o.key not in marks], answers, judge, by)
    )
    return [
        {"name": "检索" if rag else "不检索", "rag": rag, "judge": model_label(judge)}
        | _summary([one for one in wanted if one.rag == rag], answers, marks)
        for rag in run.plan.rag
    ]


def paper_points_of(
    conditions: Sequence[Mapping[str, Any]], problems: Sequence[Mapping[str, Any]] | None
) -> list[dict[str, Any]]:
    """The points of a paper for each way of asking: 80 of the choice questions, 70 of the problems where all were marked.

    The problems of the bank have 10 to 14 points, the paper's 7 to 15: each subject's share of its problems counts for the
    points that the paper has for them. As long as a choice question is pending there are no points of the whole.
    """
    rows = []
    for condition in conditions:
        right = {subject: condition["table"].get(subject, {}).get("correct", 0) for subject in CHOICES}
        written = condition["mode"] == GENERATION
        own = next((p for p in problems or () if written and p["rag"] == condition["rag"]), None)
        worked, pending = _problem_points(own) if own else None, condition["table"]["all"]["pending"]
        choices = CHOICE_POINTS * sum(right.values())
        rows.append(
            {
                "name": condition["name"],
                "choices": choices,
                "choices_full": CHOICE_POINTS * sum(CHOICES.values()),
                "pending": pending,
                "problems": worked,
                "problems_full": sum(PROBLEM_POINTS.values()),
                "total": None if worked is None or pending else round(choices + worked, 1),
                "note": "" if written or not problems else _NOT_WRITTEN,
            }
        )
    return rows


def _summary(wanted: Sequence[_Asked], answers: Mapping[Any, str], marks: Mapping[Any, Mapping[str, Any]]) -> dict[str, Any]:
    rows = [(one.problem, marks[one.key], answers[one.key]) for one in wanted if one.key in marks]
    scored = [row for _, row, _ in rows if row["score"] is not None]
    return {
        "score": sum(row["score"] for row in scored),
        "full": sum(row["full"] for row in scored),
        "unscored": len(rows) - len(scored),
        "pending": len(wanted) - len(rows),
        "marks": [
            {name: row[name] for name in ("id", "score", "full", "reason", "marks")}
            | {
                "subject": problem.subject,
                "question": "\n".join([problem.stem, *(part.question for part in problem.parts)]),
                "answer": answer,
                "reference": "\n".join(part.answer for part in problem.parts),
            }
            for problem, row, answer in rows
        ],
    }


def _problem_points(problems: Mapping[str, Any]) -> float | None:
    marks = [mark for mark in problems["marks"] if mark["score"] is not None]
    of = {s: [m for m in marks if m["subject"] == s] for s in PROBLEMS}
    if any(len(of[subject]) < n for subject, n in PROBLEMS.items()):
        return None
    shares = {s: sum(m["score"] for m in found) / sum(m["full"] for m in found) for s, found in of.items()}
    return round(float(sum(PROBLEM_POINTS[subject] * share for subject, share in shares.items())), 1)


def _answered(run: Run, wanted: Sequence[_Asked]) -> Iterator[tuple[tuple[str, bool], str]]:
    if not wanted:
        return
    from tqdm import tqdm

    from eval.exams.setup import problem_passages
    from eval.judging.problems import answer_problem
    from rag.chat_models import load_chat_model

    chat_model, passages = load_chat_model(run.settings), problem_passages(run.knowledge)
    for one in tqdm(wanted, desc="作答综合应用题", unit="题", file=sys.stderr):
        try:
            told = answer_problem(chat_model, one.problem, passages(one.problem) if one.rag else ())
        except ChatModelError as error:
            print(f"{one.problem.id} 没有答成，记为未作答：{error}", file=sys.stderr)
            continue
        _append(run.folder / PROBLEM_ANSWERS, {"id": one.problem.id, "rag": one.rag, "answer": told})
        yield one.key, told


def _marked(
    path: Path, wanted: Sequence[_Asked], answers: Mapping[Any, str], judge: Settings, by: str
) -> Iterator[tuple[tuple[str, bool], dict[str, Any]]]:
    if not wanted:
        return
    from tqdm import tqdm

    from eval.judging.problems import mark_problem
    from rag.chat_models import load_chat_model

    marker = load_chat_model(judge)
    for one in tqdm(wanted, desc="评综合应用题", unit="题", file=sys.stderr):
        try:
            mark = mark_problem(marker, one.problem, answers[one.key])
        except ChatModelError as error:
            print(f"{one.problem.id} 没有评成，记为待评：{error}", file=sys.stderr)
            continue
        criteria = [c.text for part in one.problem.parts for c in part.marking]
        given = [vars(m) | {"criterion": text} for m, text in zip(mark.marks, criteria, strict=False)]
        row = {
            "id": one.problem.id, "rag": one.rag, "judge": by, "score": mark.score, "full": mark.full, "reason": mark.reason,
            "marks": given,
        }  # fmt: skip
        _append(path, row)
        yield one.key, row


def _append(path: Path, row: Mapping[str, Any]) -> None:
    with path.open("a", encoding="utf-8") as file:
        file.write(json.dumps(row, ensure_ascii=False) + "\n")


def _read(path: Path) -> list[dict[str, Any]]:
    mend(path)
    try:
        rows = [json.loads(line) for line in whole_lines(path)]
        if all(isinstance(row, dict) and isinstance(row.get("id"), str) and isinstance(row.get("rag"), bool) for row in rows):
            return rows
    except (ValueError, RecursionError):
        pass
    raise ContentError(f"{path} 里有损坏的一行。请删去这个文件后重新运行：综合应用题会重新作答、重新评分。")
