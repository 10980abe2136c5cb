"""The whole road on a tiny model, on a CPU, in a few minutes. Run as: python -m finetune.demo [--out DIR] [--pairs 50] [--json]

A model of about a million random weights is built on the spot, because nothing is downloaded. It learns by heart what it is
taught and nothing beyond: the road is real, the model is a toy, and the scorecard shows both. Each step is the command that
one runs for a real model, with other folders.
"""

from __future__ import annotations

import argparse
import json
import random
import shlex
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

import yaml

from errors import TutorError, UsageError
from finetune.conversations.conversation import Conversation, Turn
from finetune.lineage import read_lineage
from finetune.scorecard import Scorecard, exam_score, weights_size
from knowledge.bank import BANK, read_bank
from knowledge.command import Parser, guarded
from knowledge.questions import Question, shown
from knowledge.subjects import SUBJECTS
from rag.prompts_exam import ANSWER_CUE, EXAM_HEAD, LETTER_ONLY
from settings import load_settings

__all__ = ["main"]

_LEARNT, _UNSEEN = 20, 60
"""Exam questions whose letters are taught, and further ones of the exam."""
_SEED = 408
_MORE_TOKENS = 8
"""Than the longest taught answer has: so many may an answer have in the comparison. One that has more is wrong in any case."""
_MOST_CHARACTERS = 60
"""Of an answer that is to be learnt word for word."""
_RECIPE = {
    "method": "lora", "lora": {"r": 16, "alpha": 32, "dropout": 0.0}, "learning_rate": 1e-2, "epochs": 45, "batch_size": 10,
    "group_by_length": True, "accumulation": 1, "max_length": 1024, "gradient_checkpointing": False, "precision": "fp32", "device": "cpu",
    "eval_every": "never", "save_every": "never", "seed": _SEED, "tensorboard": False,
}  # fmt: skip
"""For a model of random weights. finetune/configs/lora.yaml has what suits a trained one: a hundredth of this learning rate, 3 epochs."""


def main(argv: Sequence[str] | None = None) -> int:
    """The command; exit status 0 the whole road was gone, 1 a step failed, 2 usage."""
    parser = Parser(
        prog="python -m finetune.demo", description="在 CPU 上用现做的极小模型走完微调全程：数据、LoRA、合并、量化、评测。"
    )
    parser.add_argument("--out", type=Path, metavar="DIR", help="输出目录（默认在数据目录的 finetune/demo 里）；要是空的")
    parser.add_argument("--pairs", type=int, default=50, metavar="N", help="学几组问答（默认 50）")
    parser.add_argument("--json", action="store_true", help="最后一行输出 JSON")
    return guarded(lambda: _run(parser.parse_args(argv)))


def _run(options: argparse.Namespace) -> int:
    if not 10 <= options.pairs <= 200:
        raise UsageError(f"--pairs 应在 10 到 200 之间，而不是 {options.pairs}。")
    missing = [name for name in ("trl", "datasets") if not find_spec(name)]
    if missing:
        raise UsageError(f"微调还缺少软件包 {'、'.join(missing)}。请先运行 pip install -r requirements-train.txt。")
    out = options.out or load_settings().finetune_dir / "demo"
    if out.exists() and any(out.iterdir()):
        raise UsageError(f"{out} 不是空的。请换一个 --out，或先删去它：演示要从头走一遍。")
    out.mkdir(parents=True, exist_ok=True)
    card = Road(out, options.pairs).walk()
    (out / "scorecard.md").write_text(card.markdown(), encoding="utf-8")
    told = json.dumps(card.to_json() | {"out": str(out)}, ensure_ascii=False)
    (out / "scorecard.json").write_text(told + "\n", encoding="utf-8")
    for line in card.lines():
        print(line)
    print(f"以上在 {out / 'scorecard.md'}；每一步的产物都在 {out}。")
    if options.json:
        print(told)
    return 0


class Road:
    """The steps, in order; all that they make lies in one folder."""

    def __init__(self, out: Path, pairs: int) -> None:
        self._out, self._pairs = out, pairs
        self._base, self._run, self._merged = out / "base", out / "run", out / "merged"
        self._data = out / "data"
        self._train, self._exam = self._data / "train.jsonl", self._data / "exam.jsonl"
        self._card = Scorecard()
        self._number = 0

    def walk(self) -> Scorecard:
        """Go it.

        Raises:
            TutorError: a step failed; it has said why.
        """
        from transformers.utils import logging

        logging.disable_progress_bar()  # a bar for each of 25 small tensors
        begun = time.perf_counter()
        self._make_data()
        self._make_base()
        self._learn()
        self._merge()
        self._quantize()
        self._compare()
        self._examine()
        self._card.seconds = time.perf_counter() - begun
        return self._card

    def _make_data(self) -> None:
        from finetune import dataset
        from finetune.conversations.files import read_conversations, write_conversations

        with self._step("数据：从自带的考点笔记做问答（不需要模型），按 2:1 分成训练与评估"):
            whole = round(self._pairs * 1.5)
            limits = ["--limit", str(whole), "--max-answer-chars", str(_MOST_CHARACTERS), "--seed", str(_SEED)]
            self._command(dataset.main, "finetune.dataset", "make", "--from", "notes", *limits, "--out", self._data)
            pairs = read_conversations(self._train)[: self._pairs]
            learnt, unseen = _exam_questions()
            write_conversations(self._train, [*pairs, *map(_exam_conversation, learnt)])
            rows = [json.dumps(question.to_json(), ensure_ascii=False) for question in (*learnt, *unseen)]
            self._exam.write_text("\n".join(rows) + "\n", encoding="utf-8")
            self._tell(f"训练文件里再放进 {len(learnt)} 道考题，考试时另有 {len(unseen)} 道没见过的：看得出背题与会做题的差别。")

    def _make_base(self) -> None:
        from finetune.conversations.files import read_conversations
        from finetune.tiny_models import Size, build_tiny

        with self._step("底座：现做一个随机权重的极小 Qwen3（真正用时换成下载好的模型目录）"):
            texts = [turn.content for one in read_conversations(self._train) for turn in one.turns]
            build_tiny(self._base, "qwen3", texts, _SEED, Size(hidden=128, intermediate=256, spread=0.2))

    def _learn(self) -> None:
        from finetune import train

        config = self._out / "train.yaml"
        told = {"model": str(self._base), "train": [str(self._train)], **_RECIPE, "out": str(self._run)}
        config.write_text(yaml.safe_dump(told, allow_unicode=True, sort_keys=False), encoding="utf-8")
        with self._step("LoRA 微调：只在回答上算损失"):
            self._command(train.main, "finetune.train", config)

    def _merge(self) -> None:
        from finetune import merge

        with self._step("合并：适配器并入底座，存盘后重新读入，比较 logits"):
            self._command(merge.main, "finetune.merge", self._base, "--adapter", self._run / "adapter", "--out", self._merged)
        lineage = read_lineage(self._merged)
        self._card.difference = lineage.difference if lineage else None

    def _quantize(self) -> None:
        """Only where lmdeploy is installed: the other steps do without."""
        from finetune import quantize

        with self._step("量化：AWQ W4A16，用自己的文字校准"):
            if not find_spec("lmdeploy"):
                self._tell('跳过：没有装 lmdeploy。要走这一步，请运行 pip install --no-deps "lmdeploy>=0.18,<0.19"。')
                return
            where = ["--out", self._out / "awq", "--dequantize-to", self._out / "awq-dequantized"]
            sizes = ["--device", "cpu", "--samples", "16", "--seqlen", "256", "--check"]
            self._command(quantize.main, "finetune.quantize", self._merged, *where, *sizes, "--calibration", self._train)
            self._card.sizes = (weights_size(self._merged), weights_size(self._out / "awq"))

    def _compare(self) -> None:
        from finetune import infer

        with self._step("同题比较：训练过的问答，微调前后各答一遍"):
            systems = {"微调前": self._base, "微调后": self._merged, "AWQ（反量化）": self._out / "awq-dequantized"}
            named = {name: folder for name, folder in systems.items() if folder.is_dir()}
            chosen = [word for name, folder in named.items() for word in ("--compare", f"{name}=local:{folder}")]
            table = ["--output", self._out / "answers.jsonl", "--table", self._out / "answers.md", "--show", "3"]
            limit = ["--max-tokens", str(self._longest_answer() + _MORE_TOKENS)]
            self._command(infer.main, "finetune.infer", "--input", self._train, *chosen, *table, *limit)
            self._card.read_answers(self._out / "answers.jsonl")

    def _longest_answer(self) -> int:
        """Tokens of the longest answer that was taught."""
        from finetune.conversations.files import read_conversations
        from finetune.making.tokens import token_counter

        count = token_counter(self._base).count
        return max(
            count(turn.content) for one in read_conversations(self._train) for turn in one.turns if turn.role == "assistant"
        )

    def _examine(self) -> None:
        with self._step("考试：见过的与没见过的考题；微调前、微调后、微调后加检索"):
            ways = {"微调前": (self._base, "off"), "微调后": (self._merged, "both")}
            for name, (model, rag) in ways.items():
                arguments = [
                    "--questions",
                    self._exam,
                    "--rag",
                    rag,
                    "--train-data",
                    self._train,
                    "--mode",
                    "logprob",
                    "--chat-template",
                ]
                self._card.add_exam(name, exam_score(model, arguments, self._out / "exam" / name, self._out, self._tell))

    @contextmanager
    def _step(self, title: str) -> Iterator[None]:
        self._number += 1
        self._tell(f"\n【{self._number}】{title}")
        begun = time.perf_counter()
        yield
        self._tell(f"用时 {time.perf_counter() - begun:.1f} 秒")

    def _command(self, command: Callable[[Sequence[str]], int], module: str, *arguments: object) -> None:
        """Run one of the workshop's commands in this process: the libraries are imported once."""
        words = [str(argument) for argument in arguments]
        self._tell(f"$ python -m {module} {shlex.join(words)}")
        if status := command(words):
            raise TutorError(f"这一步没有成功（退出码 {status}），原因见上面；已有的产物在 {self._out}。")

    @staticmethod
    def _tell(line: str) -> None:
        print(line, file=sys.stderr, flush=True)


def _exam_conversation(question: Question) -> Conversation:
    """A question as `eval.exam --mode logprob --chat-template` puts it, answered by its letter."""
    head = EXAM_HEAD.format(subject=SUBJECTS[question.subject].name)
    asked = f"{head}\n\n{shown(question.stem, question.options)}\n{ANSWER_CUE}{LETTER_ONLY}"
    return Conversation((Turn("user", asked), Turn("assistant", question.key)), question.id)


def _exam_questions() -> tuple[list[Question], list[Question]]:
    """Questions to be learnt, and others; drawn from the shipped bank, the same each time."""
    questions = sorted(read_bank(BANK).questions, key=lambda one: one.id)
    drawn = random.Random(_SEED).sample(questions, _LEARNT + _UNSEEN)
    return drawn[:_LEARNT], drawn[_LEARNT:]


if __name__ == "__main__":
    raise SystemExit(main())
