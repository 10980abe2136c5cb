"""The text that a model reads while the range of its activations is measured, and other text to check the result with.

Both are conversations in the model's own chat template: that is what it will read when it serves.
By default they come from our notes and the students' questions about them, never from the exam bank: a model tuned on the exam
would be measured with what it has seen.
"""

from __future__ import annotations

import hashlib
import random
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

from errors import ModelLoadError, UsageError
from finetune.conversations.conversation import Conversation, Turn
from finetune.conversations.files import read_conversations
from finetune.lineage import Made
from knowledge.asked import asked_about, read_asked
from knowledge.note_sections import note_sections

__all__ = ["OWN", "Texts", "calibration_texts", "rendered", "shuffled", "tokens_of", "windows"]

OWN = "knowledge/notes 与 knowledge/asked"
_EVERY = 8
"""One point of the syllabus in eight is held out."""
_SEED = 408
_GRAM, _SHARED = 13, 0.1
"""Characters of an n-gram, and the share of a held-out text's n-grams that calibration text may hold: of our own two parts it
holds nothing of three texts in four, and common phrases of the others. n-grams of 13 as in `rag.contamination`."""
_SIGNS = re.compile(r"[\W_]+")


@dataclass(frozen=True)
class Texts:
    """Conversations to calibrate with, and others to check with.

    Attributes:
        files: where the first come from, with digests of the whole files.
    """

    calibration: tuple[Conversation, ...]
    held_out: tuple[Conversation, ...]
    files: tuple[Made, ...]


def calibration_texts(files: Sequence[Path] = ()) -> Texts:
    """The conversations of `files`, or else our own; held out is always our own text, without what the calibration text holds.

    A file made of our notes holds much of it, under other questions and in other pieces.

    Raises:
        ContentError: a file is wrong; the message names file and line.
    """
    own, held_out = _own()
    if not files:
        return Texts(own, _unseen(held_out, own), (Made(OWN, _digest(_said(one).encode() for one in own)),))
    read = tuple(conversation for file in files for conversation in read_conversations(file))
    made = tuple(Made(file.name, _digest([file.read_bytes()])) for file in files)
    return Texts(read, _unseen(held_out, read), made)


def rendered(tokenizer: Any, conversation: Conversation) -> str:
    """A conversation in the model's chat template.

    Raises:
        ModelLoadError: the model has no template, or its template refuses the conversation.
    """
    import jinja2

    turns = [{"role": turn.role, "content": turn.content} for turn in conversation.turns]
    try:
        return str(tokenizer.apply_chat_template(turns, tokenize=False))
    except (ValueError, jinja2.TemplateError) as error:
        why = " ".join(str(error).split())[:120]
        raise ModelLoadError(f"模型的对话模板用不了（{why}）。请换成对话（Chat/Instruct）模型，或补上 chat_template。") from error


def tokens_of(tokenizer: Any, conversations: Iterable[Conversation]) -> Iterator[list[int]]:
    """Each conversation as token ids; the template writes the special tokens, so none are added."""
    for conversation in conversations:
        yield list(tokenizer(rendered(tokenizer, conversation), add_special_tokens=False)["input_ids"])


def shuffled(conversations: Sequence[Conversation]) -> list[Conversation]:
    """Always in the same way, so that few windows have of each subject."""
    order = list(conversations)
    random.Random(_SEED).shuffle(order)
    return order


def windows(texts: Iterable[Sequence[int]], seqlen: int, samples: int) -> list[list[int]]:
    """At most `samples` windows of exactly `seqlen` tokens: whole texts one after another, the last cut at the end.

    Each begins with the beginning of a text. No more texts are read than are needed.

    Raises:
        UsageError: the texts don't fill one window.
    """
    found: list[list[int]] = []
    current: list[int] = []
    for text in texts:
        current.extend(text)
        if len(current) >= seqlen:
            found.append(current[:seqlen])
            current = []
            if len(found) == samples:
                break
    if not found:
        raise UsageError(
            f"校准文本一共只有 {len(current)} 个 token，凑不满一段 {seqlen}。请用 --calibration 多给一些，"
            f"或把 --seqlen 调到 {len(current)} 以下。"
        )
    return found


def _own() -> tuple[tuple[Conversation, ...], tuple[Conversation, ...]]:
    """Our conversations and the held-out ones: a point of the syllabus is in one of the two only."""
    points = [list(of_point) for _, of_point in groupby(_sections(), key=lambda pair: pair[0])]
    parts: tuple[list[Conversation], list[Conversation]] = ([], [])
    for number, pairs in enumerate(points, 1):
        parts[number % _EVERY == 0].extend(conversation for _, conversation in pairs)
    return tuple(parts[0]), tuple(parts[1])


def _sections() -> list[tuple[str, Conversation]]:
    """Point and conversation of each section of the notes, then of the questions about each point, by point."""
    pairs = [
        (part.point, _talk((part.asked[0] if part.asked else f"请讲解{part.heading}。", part.text))) for part in note_sections()
    ]
    for point in dict.fromkeys(asked.point for asked in read_asked()):
        pairs.append((point, _talk(*((asked.question, asked.quote) for asked in asked_about(point)))))
    return sorted(pairs, key=lambda pair: pair[0])


def _talk(*pairs: tuple[str, str]) -> Conversation:
    return Conversation(tuple(turn for asked, told in pairs for turn in (Turn("user", asked), Turn("assistant", told))))


def _said(conversation: Conversation) -> str:
    return "\n".join(turn.content for turn in conversation.turns)


def _unseen(texts: Sequence[Conversation], others: Iterable[Conversation]) -> tuple[Conversation, ...]:
    """The texts that others hold next to nothing of, in whatever pieces."""
    grams = [_grams(text) for text in texts]
    wanted = frozenset[str]().union(*grams)
    seen = {gram for other in others for gram in _grams(other) & wanted}
    return tuple(text for text, own in zip(texts, grams, strict=True) if len(own & seen) <= _SHARED * len(own))


def _grams(conversation: Conversation) -> frozenset[str]:
    plain = _SIGNS.sub("", _said(conversation)).lower()
    return frozenset(plain[i : i + _GRAM] for i in range(max(1, len(plain) - _GRAM + 1)))


def _digest(parts: Iterable[bytes]) -> str:
    digest = hashlib.sha256()
    for part in parts:
        digest.update(part + b"\n")
    return digest.hexdigest()[:16]
