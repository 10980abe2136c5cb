"""Questions that a model wrote: what can be told of each by code, and whether a second, independent solution agrees."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Generator, Iterator, Sequence

from pydantic import BaseModel, field_validator

from knowledge.questions import LETTERS, shown
from knowledge.quotes import squeezed
from rag.citations import locate
from rag.events import Token
from rag.fence import FencedPassage, fence, fenced_text
from rag.json_reply import Filled, fill
from rag.prompts_modes import QUIZ_FORM, QUIZ_ROLE, SOLVE_FORM, SOLVE_ROLE
from rag.retrieval import Passage
from rag.speaker import Speaker
from rag.stems import split_options
from tutoring.quiz_form import Item, page_of

__all__ = ["Draft", "Drafts", "Solved", "drafted", "faults", "verified"]

AGREED, DISAGREED, UNSOLVED = "已验证（独立复算一致）", "未验证（独立复算与所给答案不一致）", "未验证（未能独立复算）"
_LEAST_STEM, _LEAST_KEY = 6, 2
_LABEL = re.compile(r"^\s*[(（]?[A-Da-d][)）.、．:：]\s*")


class Draft(BaseModel):
    """A question as a model writes it; `passage` is the number of the passage that it rests on."""

    stem: str
    options: list[str]
    key: str
    explanation: str = ""
    passage: int

    @field_validator("options", mode="before")
    @classmethod
    def _listed(cls, value: object) -> object:
        """Models give options by letter too."""
        return list(value.values()) if isinstance(value, dict) else value

    @field_validator("options")
    @classmethod
    def _bare(cls, value: list[str]) -> list[str]:
        return [_LABEL.sub("", option).strip() for option in value]

    @field_validator("key")
    @classmethod
    def _letter(cls, value: str) -> str:
        found = re.search(r"(?<![A-Z])[A-D](?![A-Z])", unicodedata.normalize("NFKC", value).upper())
        return found[0] if found else value


class Drafts(BaseModel):
    """What a model is asked for."""

    questions: list[Draft]


class Solved(BaseModel):
    """A model's own solution of a question whose key it was not shown."""

    letter: str
    reason: str = ""


def drafted(
    passages: Sequence[Passage], topic: str, count: int, difficulty: int, avoid: Sequence[str], speaker: Speaker
) -> Generator[Token, None, Filled[Drafts]]:
    """Questions that the model writes from passages, unchecked (`yield from`); `avoid` are stems that were asked already.

    Raises:
        ChatModelError: the model failed and may not be replaced.
    """
    asked = "".join(f"不要与这道题重复：{stem[:80]}\n" for stem in avoid[-5:])
    question = QUIZ_FORM.format(
        passages=_fenced(passages), topic=fenced_text("student", topic), count=count, difficulty=difficulty, avoid=asked
    )
    return (yield from fill(speaker, QUIZ_ROLE, question, Drafts))


def faults(draft: Draft, passages: int, others: Sequence[str] = ()) -> str:
    """Why a draft can't be asked, '' if it can: its form alone is looked at. `others` are stems that were asked already."""
    options = [squeezed(option) for option in draft.options]
    stem = squeezed(draft.stem)
    if len(options) != len(LETTERS) or len(set(options)) != len(LETTERS) or not all(options):
        return "选项不是四个互不相同的选项"
    if draft.key not in tuple(LETTERS):
        return "答案不是 A、B、C、D 之一"
    if len(stem) < _LEAST_STEM or split_options(draft.stem)[1]:
        return "题干太短，或选项写进了题干"
    key = options[LETTERS.index(draft.key)]
    if len(key) >= _LEAST_KEY and key in stem:
        return "题干里有答案的原文"
    if not 1 <= draft.passage <= passages:
        return "没有注明所依据的资料"
    return "与已出的题重复" if stem in {squeezed(other) for other in others} else ""


def verified(
    draft: Draft, passages: Sequence[Passage], topic: str, difficulty: int, speaker: Speaker
) -> Generator[Token, None, Item]:
    """The draft as an item (`yield from`), solved again by a call that is not shown the key; where the letters differ, it says so.

    Raises:
        ChatModelError: the model failed and may not be replaced.
    """
    question = shown(draft.stem, draft.options)
    message = SOLVE_FORM.format(passages=_fenced(passages), question=fenced_text("question", question))
    solved = (yield from fill(speaker, SOLVE_ROLE, message, Solved)).value
    letter = solved.letter.strip().strip(".。、").upper() if solved else ""
    passage = passages[draft.passage - 1]
    label, verdict = _told(letter, draft.key)
    quote = _evidence(draft, passage)
    digest = hashlib.sha256(f"{passage.source}\n{squeezed(draft.stem)}".encode()).hexdigest()[:12]
    return Item(
        id=f"model-{digest}", kind="choice", subject=passage.subject, stem=draft.stem.strip(), options=draft.options, key=draft.key,
        explanation=draft.explanation.strip(), about=topic, quote=quote, source=passage.source, page=page_of(quote, passage), difficulty=difficulty,
        verification=label, verdict=verdict, certain=label == AGREED,
    )  # fmt: skip


def _told(letter: str, key: str) -> tuple[str, str]:
    if letter == key:
        return AGREED, AGREED
    if letter in (*LETTERS, "无"):
        return DISAGREED, f"未验证（复算得 {letter}，与所给答案 {key} 不一致）"
    return UNSOLVED, UNSOLVED


def _evidence(draft: Draft, passage: Passage) -> str:
    """Words of the passage that the question rests on: those that its explanation or key repeats, else the passage's beginning."""
    for words in _phrases(draft):
        if bounds := locate(words, passage.text):
            return passage.text[slice(*bounds)]
    return passage.text[:60]


def _phrases(draft: Draft) -> Iterator[str]:
    parts = [*re.split(r"[，。；：“”\"\n]", draft.explanation), draft.options[LETTERS.index(draft.key)]]
    yield from sorted((part.strip() for part in parts if len(part.strip()) >= 4), key=len, reverse=True)


def _fenced(passages: Sequence[Passage]) -> str:
    return fence([FencedPassage(n, p.section, p.text) for n, p in enumerate(passages, 1)])
