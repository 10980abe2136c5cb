"""The 综合应用题 of a whole paper: answered by the model, marked by a judge, one line of problems.jsonl each."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from errors import ChatModelError, ContentError, UsageError
from knowledge.paper import CHOICE_POINTS, CHOICES, PROBLEM_POINTS, PROBLEMS
from knowledge.problems import Problem
from rag.chat_models.label import is_generative
from settings import Settings

__all__ = ["PROBLEM_RECORDS", "judge_settings", "mark_problems", "paper_points_of"]

PROBLEM_RECORDS = "problems.jsonl"


def judge_settings(told: str, settings: Settings) -> Settings:
    """Settings of the judge that `--judge` names.

    Raises:
        UsageError: it can't be a judge, is the model that is examined, or there is no model to be examined.
    """
    from eval.judging.systems import System, check_apart, judge_of

    if not is_generative(settings):
        raise UsageError("检索基线不会做综合应用题，没有可评的。请去掉 --judge，或设置 TUTOR_CHAT_MODEL 后再测。")
    judge = judge_of(told, settings)
    check_apart([System("被测的模型", settings)], judge)
    return judge.settings


def mark_problems(
    folder: Path,
    problems: Sequence[Problem],
    settings: Settings,
    judge: Settings,
    retrieve: Callable[[Problem], Sequence[Any]],
) -> dict[str, Any]:
    """Answer and mark what has no marks of this judge yet; what summary.json says of it. A failure leaves a problem pending.

    Raises:
        SettingsError, ModelLoadError: a model can't be loaded.
        ContentError: problems.jsonl is damaged.
    """
    from eval.identity import fingerprint
    from rag.chat_models.label import model_label

    path, by = folder / PROBLEM_RECORDS, fingerprint(judge)
    done = {row["id"]: row for row in _read(path) if row["judge"] == by and row["score"] is not None}
    if todo := [problem for problem in problems if problem.id not in done]:
        done |= _marked(path, todo, settings, judge, by, retrieve)
    rows = [done[problem.id] for problem in problems if problem.id in done]
    scored = [row for row in rows if row["score"] is not None]
    return {
        "judge": model_label(judge),
        "score": sum(row["score"] for row in scored),
        "full": sum(row["full"] for row in scored),
        "unscored": len(rows) - len(scored),
        "pending": len(problems) - len(rows),
        "marks": [{name: row[name] for name in ("id", "subject", "score", "full", "reason")} for row in rows],
    }


def paper_points_of(conditions: Sequence[Mapping[str, Any]], problems: Mapping[str, Any] | None) -> list[dict[str, Any]]:
    """The points of a paper for each way of asking: 80 of the choice questions, 70 of the problems where all were marked.

    The problems of the bank have 10 to 14 points, the paper's 7 to 15: each subject's share of its problems counts for the
    points that the paper has for them.
    """
    worked = _problem_points(problems) if problems else None
    rows = []
    for condition in conditions:
        right = {subject: condition["table"].get(subject, {}).get("correct", 0) for subject in CHOICES}
        choices = CHOICE_POINTS * sum(right.values())
        rows.append(
            {
                "name": condition["name"],
                "choices": choices,
                "choices_full": CHOICE_POINTS * sum(CHOICES.values()),
                "problems": worked,
                "problems_full": sum(PROBLEM_POINTS.values()),
                "total": None if worked is None else round(choices + worked, 1),
            }
        )
    return rows


def _problem_points(problems: Mapping[str, Any]) -> float | None:
    marks = [mark for mark in problems["marks"] if mark["score"] is not None]
    if len(marks) < sum(PROBLEMS.values()):
        return None
    shares = {
        subject: (
            sum(m["score"] for m in marks if m["subject"] == subject),
            sum(m["full"] for m in marks if m["subject"] == subject),
        )
        for subject in PROBLEMS
    }
    if not all(full for _, full in shares.values()):
        return None
    return round(float(sum(PROBLEM_POINTS[subject] * score / full for subject, (score, full) in shares.items())), 1)


def _marked(
    path: Path,
    problems: Sequence[Problem],
    settings: Settings,
    judge: Settings,
    by: str,
    retrieve: Callable[[Problem], Sequence[Any]],
) -> dict[str, dict[str, Any]]:
    from tqdm import tqdm

    from eval.judging.problems import answer_problem, mark_problem
    from rag.chat_models import load_chat_model

    examined, marker = load_chat_model(settings), load_chat_model(judge)
    found = {}
    with path.open("a", encoding="utf-8") as file:
        for problem in tqdm(problems, desc="综合应用题", unit="题", file=sys.stderr):
            try:
                answer = answer_problem(examined, problem, retrieve(problem))
                mark = mark_problem(marker, problem, answer)
            except ChatModelError as error:
                print(f"{problem.id} 没有评成，记为待评：{error}", file=sys.stderr)
                continue
            row = {
                "id": problem.id, "subject": problem.subject, "judge": by, "answer": answer, "score": mark.score,
                "full": mark.full, "reason": mark.reason, "marks": [vars(one) for one in mark.marks],
            }  # fmt: skip
            file.write(json.dumps(row, ensure_ascii=False) + "\n")
            file.flush()
            found[problem.id] = row
    return found


def _read(path: Path) -> list[dict[str, Any]]:
    """The lines of the file; half a line of a killed process is cut off."""
    if not path.exists():
        return []
    data = path.read_bytes()
    if not data.endswith(b"\n"):
        data = data[: data.rfind(b"\n") + 1]
        path.write_bytes(data)
    try:
        return [json.loads(line) for line in data.split(b"\n")[:-1]]
    except ValueError as error:
        raise ContentError(f"{path} 里有损坏的一行。请删去这个文件后重新运行：综合应用题会重新作答、重新评分。") from error
