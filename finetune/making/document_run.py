"""A run over documents: which passages, what was asked of which model, and what came of it; goes on where it was left."""

from __future__ import annotations

import gc
from collections import Counter
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from langchain_core.language_models import BaseChatModel

from errors import UsageError
from finetune.conversations.conversation import Conversation
from finetune.making.from_documents import PROMPTS, Offered, ask_all, left_of, pairs_of
from finetune.making.model_check import CHECK_PROMPTS, check_all, unchecked, verdict
from finetune.making.origins import document_sources
from finetune.making.pair import question_of
from finetune.making.passages import MOST, passages_of, spread
from finetune.making.reply_log import ReplyLog
from knowledge.subjects import SUBJECTS
from rag.chat_models import is_generative, load_chat_model, model_label
from rag.chat_models.model_folder import folder_digest
from settings import Settings
from vector_db.store import CourseStore

__all__ = ["DocumentRun"]

Load = Callable[[Settings], BaseChatModel]
_TOKENS_A_PAIR = 400
"""Question, answer, quote and the JSON around them."""


class DocumentRun:
    """Asks a model for pairs of passages. All it knows between two runs stands in its folder.

    Attributes:
        sources: the documents with their digests.
        plan: all that decides what is asked.
        told: what it is going to do, in Chinese.
    """

    def __init__(
        self,
        settings: Settings,
        store: CourseStore,
        sources: Sequence[str],
        subjects: Sequence[str],
        pairs: int,
        concurrency: int,
        load: Load = load_chat_model,
    ) -> None:
        """Choose the passages; nothing is asked or written yet.

        Raises:
            UsageError: the model only quotes, or a document is not there.
            EmptyStoreError: there is no document.
            ModelLoadError: a local model is not there.
        """
        if not is_generative(settings):
            raise UsageError(
                "摘录式（extractive）只会引用原句，不能出题。请用 --model 指定语言模型，例如 --model openai:模型名 或 local:模型目录；"
                "没有模型时可用 --from notes、bank 或 generated。"
            )
        passages = passages_of(store, subjects or SUBJECTS, sources)
        self._tasks = list(spread(passages, pairs))
        most = max(task.count for task in self._tasks)
        wanted = max(settings.chat_max_tokens, most * _TOKENS_A_PAIR)
        self._settings = settings.model_copy(update={"chat_max_tokens": wanted})
        self._idf, self._load = store.idf, load
        self._found: tuple[int, Offered] | None = None
        self._concurrency = concurrency if settings.chat_model.startswith("openai:") else 1
        self.sources = document_sources(passages)
        self.plan = {"pairs": pairs, "model": model_label(settings), "model_digest": _digests(settings), "prompts": PROMPTS}
        self.told = (
            f"{len(self.sources)} 份资料，可用的段落 {len(passages)} 段，向 {model_label(settings)} 要 "
            f"{sum(task.count for task in self._tasks)} 对（{len(self._tasks)} 段，每段最多 {most} 对）。"
        )
        if pairs > MOST * len(passages):
            self.told += f"每段最多 {MOST} 对，所以到不了 {pairs} 对；请多入库一些资料。"

    def open(self, folder: Path) -> None:
        """Read what an earlier run has left in the folder.

        Raises:
            ContentError: a line of it is damaged.
        """
        self._replies, self._checks = ReplyLog(folder / "replies.jsonl"), ReplyLog(folder / "checks.jsonl")

    @property
    def left(self) -> int:
        """Passages that are to be asked about."""
        return len(left_of(self._tasks, self._replies))

    @property
    def unchecked(self) -> int:
        """Pairs that a model is to check."""
        return len(unchecked(self._offered().checks, self._checks))

    def ask(self) -> Generator[str, None, None]:
        """Ask what is left to be asked; for each passage what the model's failure says, '' if it answered.

        Raises:
            ModelLoadError: the model can't be loaded.
            UsageError: replies can't be written.
        """
        with self._loaded() as model:
            for one in ask_all(model, left_of(self._tasks, self._replies), self._replies, self._concurrency):
                place = f"{one.job.passage.source} 第 {one.job.passage.page} 页"
                yield f"{place}：{one.fault}" if one.fault else ""

    def check(self) -> Generator[str, None, None]:
        """Have the model check what the rules let pass; for each pair its failure, as `ask`."""
        with self._loaded() as model:
            for one in check_all(model, unchecked(self._offered().checks, self._checks), self._checks, self._concurrency):
                yield f"核对“{question_of(one.job.conversation)[:30]}”：{one.fault}" if one.fault else ""

    def pairs(self, checked: bool) -> tuple[list[Conversation], dict[str, Any]]:
        """The pairs that may be learned from, and what is told of the others.

        Args:
            checked: whether a model has checked them: what it has not borne out is left out.
        """
        offered = self._offered()
        dropped, examples, kept = Counter(offered.dropped), dict(offered.examples), list[Conversation]()
        waiting = set(map(id, unchecked(offered.checks, self._checks))) if checked else set()
        for task in offered.checks:
            if id(task) in waiting:
                continue
            if checked and (why := verdict(task, self._checks)):
                dropped[why[0]] += 1
                examples.setdefault(why[0], f"{question_of(task.conversation)[:60]}（{why[1]}）")
            else:
                kept.append(task.conversation)
        return kept, self._told(offered, dropped, examples, len(waiting), checked)

    def _told(
        self, offered: Offered, dropped: Counter[str], examples: dict[str, str], waiting: int, checked: bool
    ) -> dict[str, Any]:
        return {
            "model": {"label": self.plan["model"], "digest": self.plan["model_digest"]},
            "prompts": {"pairs": PROMPTS, **({"check": CHECK_PROMPTS} if checked else {})},
            "asking": {
                "passages": len(self._tasks),
                "pending": self.left,
                "checked_by": "model" if checked else "rule",
                "unchecked": waiting,
                "asked": offered.asked,
                "given": offered.given,
                "unreadable": len(offered.unread),
                "dropped": dict(sorted(dropped.items())),
                "examples": {reason: examples[reason] for reason in sorted(examples)},
                "unread": [{"passage": place, "reason": reason} for place, reason in offered.unread],
            },
        }

    def _offered(self) -> Offered:
        """The pairs of the replies; found anew when there are more replies."""
        left = self.left
        if self._found is None or self._found[0] != left:
            self._found = left, pairs_of(self._tasks, self._replies, self._idf)
        return self._found[1]

    @contextmanager
    def _loaded(self) -> Iterator[BaseChatModel]:
        """The chat model, let go behind it: its memory, or an endpoint's connections."""
        model = self._load(self._settings)
        try:
            yield model
        finally:
            if client := getattr(model, "root_client", None):
                client.close()
            del model
            gc.collect()


def _digests(settings: Settings) -> list[str]:
    """Of a local model and its adapter; of an endpoint only the name is known."""
    kind, _, name = settings.chat_model.partition(":")
    folders = [Path(name).expanduser()] if kind in ("local", "lmdeploy") else []
    folders += [settings.chat_adapter] if settings.chat_adapter else []
    return [folder_digest(folder) for folder in folders if folder.is_dir()]
