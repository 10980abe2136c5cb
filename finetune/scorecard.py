"""What the demo ends in: what was learnt word for word, and the exam before and after, with intervals.

The exam is `python -m eval.exam`, run as its own command: the workshop knows nothing of how exams are scored.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from errors import TutorError
from settings import ROOT

__all__ = ["Score", "Scorecard", "exam_score", "weights_size"]


@dataclass(frozen=True)
class Score:
    """Right answers of one condition, with the 95 % interval that the evaluator gives."""

    n: int
    correct: int
    low: float
    high: float
    unparsed: int

    @classmethod
    def from_table(cls, table: dict[str, Any]) -> Score:
        """The row of all subjects in a table of `summary.json`."""
        row = table["all"]
        return cls(row["n"], row["correct"], row["low"], row["high"], row["unparsed"])

    def told(self) -> str:
        """Share, interval and counts, for a cell."""
        return f"{self.correct / self.n:.1%} [{self.low:.1%}, {self.high:.1%}]（{self.correct}/{self.n}，未读出 {self.unparsed}）"


@dataclass
class Scorecard:
    """Figures of the road, as they come.

    Attributes:
        exact: by system, (right, asked) of the pairs that were taught, word for word.
        exams: by condition, the scores of all questions and of those that training has not seen.
        difference: between the logits of the merged model, read again from its folder, and those of base and adapter.
        sizes: bytes of weights before and after quantizing; None where that was left out.
    """

    exact: dict[str, tuple[int, int]] = field(default_factory=dict)
    exams: dict[str, tuple[Score, Score]] = field(default_factory=dict)
    difference: float | None = None
    sizes: tuple[int, int] | None = None
    seconds: float = 0.0

    def add_exam(self, name: str, conditions: Sequence[tuple[bool, Score, Score]]) -> None:
        """Take over an exam's conditions: whether passages were shown, all questions, the unseen ones."""
        for rag, whole, clean in conditions:
            self.exams[f"{name}＋检索" if rag else name] = (whole, clean)

    def read_answers(self, results: Path) -> None:
        """Count the answers of `finetune.infer --compare` that are the taught ones, word for word."""
        asked, right = Counter[str](), Counter[str]()
        for line in results.read_text(encoding="utf-8").split("\n")[:-1]:
            row = json.loads(line)
            asked[row["model"]] += 1
            right[row["model"]] += row["exact"]
        self.exact = {name: (right[name], asked[name]) for name in asked}

    def lines(self) -> list[str]:
        """The scorecard, for a terminal."""
        taught = [f"  {name}：{right}/{n}（{right / n:.0%}）" for name, (right, n) in self.exact.items()]
        exams = [f"  {name}：全部 {whole.told()}；没见过的 {clean.told()}" for name, (whole, clean) in self.exams.items()]
        return [
            "",
            "成绩单",
            "教过的内容，逐字答对：",
            *taught,
            "选择题考试，95% 区间：",
            *exams,
            "",
            *_READING,
            f"全程 {self.seconds:.0f} 秒。",
        ]

    def markdown(self) -> str:
        """The scorecard, for a file."""
        taught = [f"| {name} | {right}/{n} |" for name, (right, n) in self.exact.items()]
        exams = [f"| {name} | {whole.told()} | {clean.told()} |" for name, (whole, clean) in self.exams.items()]
        head = ["# 成绩单", "", *self._made(), "", "| 教过的内容 | 逐字答对 |", "| --- | --- |", *taught, ""]
        return "\n".join([*head, "| 考试 | 全部 | 没见过的 |", "| --- | --- | --- |", *exams, "", *_READING, ""])

    def to_json(self) -> dict[str, Any]:
        """All figures."""
        exams = {name: {"all": asdict(whole), "unseen": asdict(clean)} for name, (whole, clean) in self.exams.items()}
        exact = {name: {"correct": right, "n": n} for name, (right, n) in self.exact.items()}
        return {
            "exact": exact, "exams": exams, "merged_logits_difference": self.difference, "bytes": self.sizes,
            "seconds": round(self.seconds, 1),
        }  # fmt: skip

    def _made(self) -> list[str]:
        merged = "" if self.difference is None else f"合并后的模型与“底座＋适配器”的 logits 最多相差 {self.difference:.1e}。"
        if not self.sizes:
            return [merged, "没有量化（没有装 lmdeploy）。"]
        before, after = self.sizes
        return [merged, f"AWQ：权重由 {before / 1e6:.2f} MB（fp32）变为 {after / 1e6:.2f} MB。"]


_READING = (
    "怎样读：底座是随机权重，微调让它背下了教过的问答和考题。没见过的题它并不会：瞎猜约 25%，没有按要求作答的是“未读出”，算错。",
    "“全部”与“没见过的”之差就是背题：给真正的模型打分时，请用 eval.exam --train-data 查重合，只看没见过的。",
    "加了检索，提示词就与它背过的不同，极小的模型也读不懂资料，成绩不会变好；检索的作用要用真正的模型看。",
)


def weights_size(folder: Path) -> int:
    """Bytes of a model's weights."""
    return sum(file.stat().st_size for file in folder.glob("*.safetensors"))


def exam_score(
    model: Path, arguments: Sequence[object], out: Path, data: Path, tell: Callable[[str], None]
) -> list[tuple[bool, Score, Score]]:
    """Examine a model's folder by the evaluator's command; (passages shown, all questions, unseen ones) of each condition.

    Args:
        data: TUTOR_DATA_DIR of the evaluator: the knowledge base that it retrieves from is made there.

    Raises:
        TutorError: the exam could not be finished.
    """
    told = {"TUTOR_CHAT_MODEL": f"local:{model}", "TUTOR_DATA_DIR": str(data)}
    words = ["-m", "eval.exam", *map(str, arguments), "--kb", "shipped", "--out", str(out)]
    tell("$ " + " ".join([*(f"{name}={value}" for name, value in told.items()), "python", *words]))
    others = {name: value for name, value in os.environ.items() if not name.startswith("TUTOR_")}
    out.mkdir(parents=True, exist_ok=True)
    log = out.with_suffix(".log")
    with log.open("w", encoding="utf-8") as file:
        done = subprocess.run(
            [sys.executable, *words], cwd=ROOT, env=others | told, stdout=file, stderr=subprocess.STDOUT, check=False
        )
    if done.returncode:
        last = log.read_text(encoding="utf-8").strip().rpartition("\n")[2]
        raise TutorError(f"考试没有完成（退出码 {done.returncode}）：{last}。经过在 {log}，已有的记录在 {out}。")
    summary = json.loads((out / "summary.json").read_bytes())
    return [(c["rag"], Score.from_table(c["table"]), Score.from_table(c["clean"]["table"])) for c in summary["conditions"]]
