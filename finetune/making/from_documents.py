"""Pairs from ingested documents by a chat model: asked passage by passage, then checked, each with its page."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial

from langchain_core.language_models import BaseChatModel
from pydantic import BaseModel

from errors import ContextTooLongError
from finetune.conversations.conversation import Source
from finetune.making.admission import objection
from finetune.making.model_check import CheckTask
from finetune.making.pair import pair
from finetune.making.passages import Task
from finetune.making.reply_log import Reply, ReplyLog, digest
from rag.citations import resolve
from rag.fence import FencedPassage, fence
from rag.jobs import Done, done
from rag.json_reply import UnreadableReplyError, read_json
from rag.marks import disarm
from rag.prompts_modes import JSON_REPAIR
from rag.prompts_training import PAIRS_FORM, PAIRS_ROLE
from rag.retrieval import Passage
from rag.ruling import ruled, spoken
from rag.support import Idf

__all__ = ["PROMPTS", "Offered", "ask_all", "left_of", "pairs_of"]

PROMPTS = digest(PAIRS_ROLE, PAIRS_FORM, JSON_REPAIR)
"""Of the prompts: with others the replies are others."""


class _Pair(BaseModel):
    question: str
    answer: str
    quote: str


class _Pairs(BaseModel):
    pairs: list[_Pair]


@dataclass
class Offered:
    """What the replies hold.

    Attributes:
        checks: pairs that the rules let pass, each with what a model may be asked about it.
        dropped: number of the others by reason; `examples`: the first of each, for a reader.
        unread: passages whose reply could not be read, each with the reason.
        asked: pairs that the answered passages were asked for; `given`: those that came.
    """

    checks: list[CheckTask] = field(default_factory=list)
    dropped: Counter[str] = field(default_factory=Counter)
    examples: dict[str, str] = field(default_factory=dict)
    unread: list[tuple[str, str]] = field(default_factory=list)
    asked: int = 0
    given: int = 0


def left_of(tasks: Sequence[Task], log: ReplyLog) -> list[Task]:
    """The passages that have not been answered yet."""
    return [task for task in tasks if log.get(_key(task)) is None]


def ask_all(chat_model: BaseChatModel, tasks: Sequence[Task], log: ReplyLog, concurrency: int) -> Iterator[Done[Task, Reply]]:
    """Ask about passages, several at once; each reply is in the log before it comes out here. What failed stays to be asked.

    Raises:
        UsageError: the log can't be written.
    """
    for one in done(tasks, partial(_ask, chat_model), concurrency):
        if one.outcome:
            log.add(one.outcome)
        yield one


def pairs_of(tasks: Sequence[Task], log: ReplyLog, idf: Idf) -> Offered:
    """The pairs of the replies that the rules let pass: nothing but the replies, the passages and `idf` decides."""
    found = Offered()
    for task in tasks:
        if reply := log.get(_key(task)):
            found.asked += task.count
            for one in _given(task, reply, found):
                _take(one, task.passage, idf, found)
    return found


def _given(task: Task, reply: Reply, found: Offered) -> list[_Pair]:
    try:
        pairs = read_json(spoken(reply.raw[-1]), _Pairs).pairs if reply.raw else []
    except UnreadableReplyError as error:
        found.unread.append((reply.about, reply.problem or str(error)))
        return []
    if not reply.raw:
        found.unread.append((reply.about, reply.problem))
    found.given += len(pairs)
    return pairs


def _take(one: _Pair, passage: Passage, idf: Idf, found: Offered) -> None:
    question, answer = one.question.strip(), one.answer.strip()
    fenced = FencedPassage(1, passage.section, passage.text)
    if why := objection(question, answer, one.quote, fenced, idf):
        found.dropped[why[0]] += 1
        found.examples.setdefault(why[0], f"{question[:60]}（{why[1]}）" if why[1] else question[:60])
    else:
        found.checks.append(CheckTask(pair(question, answer, _source(passage, one.quote)), fenced))


def _source(passage: Passage, quote: str) -> Source:
    """Where the quote stands: its own page, if the passage runs over two."""
    cited = resolve(f"{disarm(quote)}[1]", (passage,)).citations[0]
    return Source(passage.source, cited.page, passage.section, passage.subject, cited.quote, passage.text, passage.chunk_id)


def _key(task: Task) -> str:
    return digest(PROMPTS, task.passage.section, task.passage.text, task.count)


def _ask(chat_model: BaseChatModel, task: Task) -> Reply:
    """One passage's reply. That it is too long for the window is an outcome: asking again would not help.

    Raises:
        ChatModelError: the model did not answer.
    """
    passage = task.passage
    about = f"{passage.source} 第 {passage.page} 页 {passage.section}"
    message = PAIRS_FORM.format(passage=fence([FencedPassage(1, passage.section, passage.text)]), count=task.count)
    try:
        ruling = ruled(chat_model, PAIRS_ROLE, message, partial(read_json, form=_Pairs))
    except ContextTooLongError as error:
        return Reply(_key(task), about, (), str(error))
    return Reply(_key(task), about, ruling.raw, ruling.problem)
