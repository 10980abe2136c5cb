"""The second check of a pair: a chat model reads its answer against the passage, sentence by sentence."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from typing import Literal, NamedTuple

from langchain_core.language_models import BaseChatModel
from pydantic import BaseModel

from errors import ContextTooLongError
from finetune.conversations.conversation import Conversation
from finetune.making.claims import claims_of
from finetune.making.pair import answer_of, question_of
from finetune.making.reply_log import Reply, ReplyLog, digest
from rag.fence import FencedPassage, fence, fenced_text
from rag.jobs import Done, done
from rag.json_reply import UnreadableReplyError, read_json
from rag.prompts_claims import CHECK_FORM, CHECK_ROLE
from rag.ruling import ruled, spoken

__all__ = ["CHECK_PROMPTS", "REFUSED", "UNCHECKED", "CheckTask", "check_all", "unchecked", "verdict"]

CHECK_PROMPTS = digest(CHECK_ROLE, CHECK_FORM)
REFUSED, UNCHECKED = "模型核对：没有依据", "模型核对：读不出结果"


class CheckTask(NamedTuple):
    """A pair and the passage that it was made from."""

    conversation: Conversation
    passage: FencedPassage


class _One(BaseModel):
    n: int
    reason: str = ""
    verdict: Literal["支持", "不支持", "矛盾"]


class _Checked(BaseModel):
    checked: list[_One]


def unchecked(tasks: Sequence[CheckTask], log: ReplyLog) -> list[CheckTask]:
    """The pairs that have not been checked yet."""
    return [task for task in tasks if log.get(_key(task)) is None]


def check_all(
    chat_model: BaseChatModel, tasks: Sequence[CheckTask], log: ReplyLog, concurrency: int
) -> Iterator[Done[CheckTask, Reply]]:
    """Have pairs checked, several at once; each reply is in the log before it comes out here. What failed stays to be checked.

    Raises:
        UsageError: the log can't be written.
    """
    for one in done(tasks, partial(_check, chat_model), concurrency):
        if one.outcome:
            log.add(one.outcome)
        yield one


def verdict(task: CheckTask, log: ReplyLog) -> tuple[str, str] | None:
    """Why the model refuses a pair, and what it says; None if it bears every sentence out, or has not been asked yet."""
    reply = log.get(_key(task))
    if reply is None:
        return None
    try:
        told = {one.n: one for one in reversed(read_json(spoken(reply.raw[-1]), _Checked).checked)} if reply.raw else {}
    except UnreadableReplyError as error:
        return UNCHECKED, str(error)
    for n, claim in enumerate(_claims(task), 1):
        if n not in told:
            return UNCHECKED, reply.problem or f"漏了第 {n} 句"
        if told[n].verdict != "支持":
            return REFUSED, f"“{claim[:40]}”：{told[n].reason[:60]}"
    return None


def _claims(task: CheckTask) -> list[str]:
    """The sentences; behind the question, because an answer may be no more than a number."""
    answer = answer_of(task.conversation)
    claims = claims_of(answer) or [answer]
    return claims if len(claims) > 1 else [f"{question_of(task.conversation)}——{claims[0]}"]


def _key(task: CheckTask) -> str:
    return digest(CHECK_PROMPTS, task.passage.text, _claims(task))


def _check(chat_model: BaseChatModel, task: CheckTask) -> Reply:
    listed = fenced_text("material", "\n".join(f"{n}. {' '.join(claim.split())}" for n, claim in enumerate(_claims(task), 1)))
    message = CHECK_FORM.format(passages=fence([task.passage]), claims=listed)
    about = question_of(task.conversation)
    try:
        ruling = ruled(chat_model, CHECK_ROLE, message, partial(read_json, form=_Checked))
    except ContextTooLongError as error:
        return Reply(_key(task), about, (), str(error))
    return Reply(_key(task), about, ruling.raw, ruling.problem)
