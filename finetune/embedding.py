"""Train embedding models: the shipped one anew, or any sentence-transformers model on questions and their passages.

Run as: python -m finetune.embedding                                     (the shipped model; needs requirements-train.txt)
        python -m finetune.embedding tune BAAI/bge-small-zh-v1.5 --pairs train.jsonl --store --out outputs/my-embedding
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from errors import ContentError, EmbeddingMismatchError, EmptyStoreError, UsageError
from knowledge.command import Parser, guarded
from settings import SHIPPED_EMBEDDING, Settings, load_settings

if TYPE_CHECKING:
    from langchain_core.documents import Document

    from finetune.embedding_training.pairs import Pair
    from finetune.lineage import Made

__all__ = ["main"]

_EPOCHS = 8


def main(argv: Sequence[str] | None = None) -> int:
    """The command; prints the figures, last as JSON. Exit status 0 trained (better or not), 1 it failed, 2 usage."""
    parser = Parser(prog="python -m finetune.embedding", description="训练向量模型。不带子命令：重新训练随项目发布的模型。")
    parser.add_argument("--out", type=Path, default=SHIPPED_EMBEDDING, help="保存到的目录（默认覆盖自带的模型）")
    parser.add_argument("--epochs", type=int, default=_EPOCHS, help=f"训练轮数（默认 {_EPOCHS}）")
    _add_tune(parser.add_subparsers(dest="command", metavar="tune", title="子命令").add_parser(
        "tune", help="在（问题，原文）上微调一个 sentence-transformers 模型", description="在（问题，原文）上微调一个向量模型，难负例从知识库里挖。"
    ))  # fmt: skip
    return guarded(lambda: _run(parser.parse_args(argv)))


def _add_tune(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("base", metavar="BASE", help="底座：模型目录，或 Hugging Face 名称")
    parser.add_argument(
        "--pairs",
        type=Path,
        nargs="+",
        default=[],
        metavar="FILE",
        help="问答文件：finetune.dataset 做的，或每行 question、passage",
    )
    parser.add_argument("--store", action="store_true", help="也用知识库里片段自带的提问")
    parser.add_argument("--no-store", action="store_true", help="不看知识库：只在问答自己的原文里找与挖")
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", dest="to", help="微调后的模型放在哪里（要是新目录）")
    parser.add_argument("--resume", action="store_true", help="接着训练上次没有训练完的")
    parser.add_argument("--held-out", type=float, default=0.2, metavar="X", help="留出多少问答检验效果（默认 0.2）")
    parser.add_argument("--negatives", type=int, default=3, metavar="N", help="每个问题几个难负例（默认 3；0 不用）")
    parser.add_argument(
        "--margin", type=float, default=0.05, metavar="X", help="与问题的相似度离答案不到这个比例的不作难负例（默认 0.05）"
    )
    parser.add_argument("--epochs", type=float, metavar="N", dest="rounds", help="最多几轮（默认：静态模型 8，其他 3）")
    parser.add_argument("--batch-size", type=int, metavar="N", help="一批几对（默认：静态模型 256，其他 64）")
    parser.add_argument("--learning-rate", type=float, metavar="X", help="学习率（默认：静态模型 0.01，其他 2e-5）")
    parser.add_argument("--patience", type=int, default=2, metavar="N", help="几轮没有变好就停（默认 2）")
    parser.add_argument("--seed", type=int, default=408, metavar="N", help="随机种子（默认 408）")
    parser.add_argument("--device", choices=("auto", "cpu", "cuda"), default="auto", help="在哪里训练（默认 auto）")


def _run(options: argparse.Namespace) -> int:
    if not find_spec("datasets"):
        raise UsageError("训练还缺少软件包 datasets。请先运行 pip install -r requirements-train.txt。")
    return _tune(options) if options.command == "tune" else _shipped(options)


def _shipped(options: argparse.Namespace) -> int:
    from finetune.embedding_training.shipped import Recipe, train_shipped

    if options.epochs < 0:
        raise UsageError(f"--epochs 应是 0 或正整数，而不是 {options.epochs}。")
    try:
        figures = train_shipped(Recipe(epochs=options.epochs), options.out)
    except OSError as error:
        raise UsageError(f"写不了 {options.out}（{error.strerror}）。请换一个 --out，或检查权限与磁盘空间。") from error
    print(json.dumps(figures, ensure_ascii=False))
    return 0


def _tune(options: argparse.Namespace) -> int:
    _check(options)
    from finetune.embedding_training.pairs import asked_pairs, distinct
    from finetune.embedding_training.run import Choices, Run

    pairs, data = _read(options.pairs)
    chunks = [] if options.no_store else _chunks(load_settings())
    if options.store:
        if not chunks:
            raise EmptyStoreError(
                "知识库还是空的，没有可用的提问。请先运行 python -m rag.ingest 添加资料，或用 --pairs 给出问答。"
            )
        asked = asked_pairs(chunks)
        _tell(f"知识库：{len(asked)} 个自带的提问。")
        pairs += asked
    if not chunks:
        _tell(
            "不用知识库：在问答自己的原文里找，难负例也从中挖。"
            if options.no_store
            else "知识库是空的：在问答自己的原文里找，难负例也从中挖。"
        )
    pairs = distinct(pairs)
    if not pairs:
        raise ContentError(
            "没有一对可用的问答。知识库里的资料没有自带的提问时，请用 --pairs 给出问答（finetune.dataset 可以做）。"
        )
    choices = Choices(
        options.base, options.to, options.held_out, options.negatives, options.margin, options.rounds, options.batch_size,
        options.learning_rate, options.patience, options.seed, options.device,
    )  # fmt: skip
    report = Run(choices, data, _tell).go(pairs, chunks, options.resume)
    for line in report.lines():
        print(line)
    print(
        f"模型在 {options.to}。使用：设置 TUTOR_EMBEDDING_MODEL={options.to}，然后运行 python -m rag.ingest --reindex 重建向量。"
    )
    print(json.dumps(report.to_json(), ensure_ascii=False))
    return 0


def _check(options: argparse.Namespace) -> None:
    """Raise UsageError for what can't be meant, before anything slow."""
    from finetune.embedding_training.work_folder import check_free, is_stale, work_folder

    if not options.pairs and not options.store:
        raise UsageError("请用 --pairs 给出问答文件，或用 --store 用知识库里自带的提问（可以都用）。")
    if options.store and options.no_store:
        raise UsageError("--store 与 --no-store 不能同时用。")
    bounds = {
        "--held-out": (options.held_out, 0.01, 0.9),
        "--negatives": (options.negatives, 0, 20),
        "--margin": (options.margin, 0, 1),
    }
    bounds |= {"--epochs": (options.rounds, 0.01, 1000), "--batch-size": (options.batch_size, 2, 65536)}
    bounds |= {"--learning-rate": (options.learning_rate, 1e-9, 1), "--patience": (options.patience, 1, 1000)}
    for name, (value, low, high) in bounds.items():
        if value is not None and not low <= value <= high:
            raise UsageError(f"{name} 应在 {low} 到 {high} 之间，而不是 {value}。")
    out, work = options.to, work_folder(options.to)
    check_free(out)
    if options.resume and not work.is_dir():
        raise UsageError(f"没有可接着训练的：{work} 不存在。请去掉 --resume 重新开始。")
    if not options.resume and work.exists() and not is_stale(work):
        raise UsageError(f"上次的训练没有完成（{work}）。请加 --resume 接着训练，或删去这个目录重新开始。")


def _read(files: Sequence[Path]) -> tuple[list[Pair], list[Made]]:
    from finetune.embedding_training.pairs import read_pairs
    from finetune.lineage import Made

    pairs, data = [], []
    for file in files:
        found, without = read_pairs(file)
        _tell(f"{file.name}：{len(found)} 对" + (f"，另有 {without} 条没有原文，不用。" if without else "。"))
        pairs += found
        data.append(Made(file.name, hashlib.sha256(file.read_bytes()).hexdigest()[:16]))
    return pairs, data


def _chunks(settings: Settings) -> list[Document]:
    """All chunks of the knowledge base; none if it is empty.

    Raises:
        EmbeddingMismatchError: it holds documents, but not under this embedding: it would be taken for empty.
    """
    from vector_db.lexical import LexicalIndex
    from vector_db.store import open_store

    chunks = list(open_store(settings).chunks())
    if not chunks and len(LexicalIndex(settings.vector_db_dir / "lexical")):
        raise EmbeddingMismatchError(
            "知识库是用另一个向量模型建立的，或向量数据丢失了，读不到片段。请运行 python -m rag.ingest --reindex 重建，"
            "或把 TUTOR_EMBEDDING_MODEL 改回建立它的模型；不用知识库请加 --no-store。"
        )
    return chunks


def _tell(line: str) -> None:
    print(line, file=sys.stderr)


if __name__ == "__main__":
    raise SystemExit(main())
