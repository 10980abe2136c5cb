"""作文批改: content, structure, language and mechanics of an English or Chinese essay, with corrections that quote it."""

from __future__ import annotations

import re
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from typing import ClassVar, Literal

from pydantic import BaseModel, Field, ValidationError

from rag.citations import locate
from rag.conversation import Session
from rag.events import Event, Token
from rag.fence import fenced_text
from rag.json_reply import fill
from rag.marks import disarm
from rag.prompts_modes import ESSAY_FORM, ESSAY_ROLE
from rag.tutor import Tutor
from tutoring.essay_bands import CONTENT, Band, computed_aspects
from tutoring.essay_checks import edits_of, facts_of, is_english
from tutoring.mode import Mode, said

__all__ = ["EssayForm", "EssayMode", "EssayTask", "read_essay"]

_SHORTEST = 40
"""Characters of a text that is an essay rather than a word about one."""
_MOST_EDITS = 20
_BODY = re.compile(r"(?:^|\s)\s*[【\[]?(?:作文|正文|我的作文|我的文章|范文|essay|my essay)[】\]]?\s*[：:]\s*", re.IGNORECASE)
_TASK = re.compile(r"^\s*[【\[]?(?:题目|作文题|要求|写作要求|topic|directions?|task)[】\]]?\s*[：:]\s*", re.IGNORECASE)
_REQUEST = re.compile(
    r"^\s*(?:请|麻烦)?(?:帮我)?(?:批改|改|看|修改|评)(?:一下|改)?(?:这篇|我的)?(?:英语|英文|中文)?(?:作文|文章)?(?:吧|谢谢)?[：:，,。！!\s]*\n"
)
_RANGE = re.compile(r"(\d{2,4})\s*(?:[-–—~～]|到|至)\s*(\d{2,4})\s*(?:个)?(?:字|词|单词|words?)", re.IGNORECASE)
_LEAST = re.compile(
    r"(?:不少于|不低于|至少|多于|at least|no less than|no fewer than|more than)\s*(\d{2,4})\s*(?:个)?(?:字|词|单词|words?)",
    re.IGNORECASE,
)
_MOST = re.compile(
    r"(?:不超过|不多于|至多|at most|no more than|within)\s*(\d{2,4})\s*(?:个)?(?:字|词|单词|words?)", re.IGNORECASE
)
_ABOUT = re.compile(r"(?:约|大约|左右|about|around)?\s*(\d{2,4})\s*(?:个)?(?:字|词|单词|words?)(?:左右)?", re.IGNORECASE)
_HOW = "把作文贴过来就可以批改，英语、中文都行。有题目和字数要求的话写在前面：\n\n> 题目：……（不少于 150 词）\n>\n> 作文：……"
_NO_MODEL = (
    "没有接入语言模型：只检查了能数清、能确定的问题，内容与立意没有评价，语法和文采也没有逐句看。接入模型后可以得到完整的批改。"
)


class EssayTask(BaseModel):
    """What was to be written: `low` and `high` bound the length, 0 where nothing is said."""

    text: str = ""
    low: int = 0
    high: int = 0


class Aspect(BaseModel):
    """One of the four; `band` is None where nobody could judge it."""

    name: str
    band: Band | None
    comment: str


class EssayEdit(BaseModel):
    """A correction; `original` stands in the essay word for word."""

    original: str
    suggestion: str
    reason: str


class EssayForm(BaseModel):
    """A corrected essay; `dropped` counts a model's corrections of words that are not in it."""

    language: Literal["en", "zh"]
    length: int
    task: EssayTask
    aspects: list[Aspect]
    edits: list[EssayEdit]
    summary: str = ""
    dropped: int = 0


class _ModelAspect(BaseModel):
    name: str
    band: str = ""
    comment: str = ""


class _ModelReview(BaseModel):
    """What a model is asked for."""

    aspects: list[_ModelAspect]
    edits: list[EssayEdit] = Field(default_factory=list)
    summary: str = ""


@dataclass(frozen=True)
class EssayMode(Mode):
    """Takes an essay, with its task if there is one, and corrects it."""

    form: ClassVar[type[BaseModel]] = EssayForm

    def stream(self, text: str, session: Session, tutor: Tutor) -> Iterator[Event]:
        task, essay = read_essay(text)
        english = is_english(essay)
        if not task.text and session.memory.get("english") in (None, english):  # another language is another essay
            task = _remembered(session)
        if len(essay) < _SHORTEST:
            lead = "题目记下了。" if task.text and not essay else ""
            kept = dict(session.memory) | {"task": (task if task.text else _remembered(session)).model_dump(mode="json")}
            yield from said(lead + _HOW, tutor, session.subject, memory=kept)
            return
        form, notice = yield from _reviewed(essay, task, tutor)
        memory = {"task": task.model_dump(mode="json"), "english": english}
        yield from said(_told(form), tutor, session.subject, notice=notice, data=form.model_dump(mode="json"), memory=memory)


def read_essay(text: str) -> tuple[EssayTask, str]:
    """The task and the essay of a message; without labels all of it is the essay."""
    plain = _REQUEST.sub("", text)
    if body := _BODY.search(plain):
        return _task(plain[: body.start()]), plain[body.end() :].strip()
    if not _TASK.match(plain):
        return EssayTask(), plain.strip()
    head, _, rest = plain.strip().partition("\n")
    while rest and _TASK.match(rest):
        line, _, rest = rest.strip().partition("\n")
        head = f"{head}\n{line}"
    return _task(head), rest.strip()


def _task(text: str) -> EssayTask:
    """The task with its bounds on the length."""
    text = _TASK.sub("", text.strip()).strip()
    if match := _RANGE.search(text):
        return EssayTask(text=text, low=int(match[1]), high=int(match[2]))
    least, most = _LEAST.search(text), _MOST.search(text)
    if least or most:
        return EssayTask(text=text, low=int(least[1]) if least else 0, high=int(most[1]) if most else 0)
    about = _ABOUT.search(text)
    n = int(about[1]) if about else 0
    return EssayTask(text=text, low=n * 9 // 10, high=n * 12 // 10)


def _remembered(session: Session) -> EssayTask:
    try:
        return EssayTask.model_validate(session.memory.get("task", {}))
    except ValidationError:  # of another version of the program
        return EssayTask()


def _reviewed(essay: str, task: EssayTask, tutor: Tutor) -> Generator[Token, None, tuple[EssayForm, str]]:
    """The form, and what is to be said of how it was made."""
    facts, slips = facts_of(essay), edits_of(essay)
    aspects = [Aspect(name=a.name, band=a.band, comment=a.comment) for a in computed_aspects(facts, slips, task.low, task.high)]
    edits = [EssayEdit(original=e.original, suggestion=e.suggestion, reason=e.reason) for e in slips]
    form = EssayForm(language="en" if facts.english else "zh", length=facts.units, task=task, aspects=aspects, edits=edits)
    if not tutor.speaker.generative:
        return form, _NO_MODEL
    asked = f"题目与要求：\n{fenced_text('student', task.text)}\n\n" if task.text else ""
    message = ESSAY_FORM.format(task=asked, essay=fenced_text("student", essay))
    filled = yield from fill(tutor.speaker, ESSAY_ROLE, message, _ModelReview)
    if filled.value is None:
        return form, f"{filled.notice}{_NO_MODEL.partition('：')[2]}"
    return _joined(form, filled.value, essay), ""


def _joined(form: EssayForm, review: _ModelReview, essay: str) -> EssayForm:
    """The computed form with what holds of a model's review: its bands and comments, its corrections of words that stand there."""
    by_name = {aspect.name: aspect for aspect in review.aspects}
    aspects = [_aspect(own, by_name.get(own.name)) for own in form.aspects]
    edits, dropped = list(form.edits), 0
    for edit in review.edits:
        bounds = locate(edit.original, essay)
        if bounds is None or not edit.suggestion.strip() or edit.suggestion.strip() == edit.original.strip():
            dropped += 1
        elif not any(edit.original in kept.original or kept.original in edit.original for kept in edits):
            edits.append(edit.model_copy(update={"original": essay[slice(*bounds)]}))
    return form.model_copy(
        update={"aspects": aspects, "edits": edits[:_MOST_EDITS], "dropped": dropped, "summary": review.summary.strip()}
    )  # fmt: skip


def _aspect(own: Aspect, other: _ModelAspect | None) -> Aspect:
    """The model's band with both comments; the computed one where the model gave none that can be read."""
    if other is None or other.band not in ("优", "良", "中", "待改进"):
        return own
    counted = own.comment if own.name != CONTENT else ""
    return Aspect(name=own.name, band=other.band, comment=" ".join(filter(None, (other.comment.strip(), counted))))


def _told(form: EssayForm) -> str:
    unit = "词" if form.language == "en" else "字"
    wanted = _wanted(form.task, unit)
    lines = [f"**{'英语' if form.language == 'en' else '中文'}作文，共 {form.length} {unit}**{wanted}"]
    lines += [f"- **{a.name}**：{a.band or '未评'}。{a.comment}" for a in form.aspects]
    parts = ["\n".join(lines)]
    if form.edits:
        rows = [f"{n}. “{_line(e.original)}” → “{_line(e.suggestion)}”：{e.reason}" for n, e in enumerate(form.edits, 1)]
        parts.append("\n".join(["**修改建议**", *rows]))
    else:
        parts.append("没有找到能确定的字词或标点错误。")
    if form.dropped:
        parts.append(f"模型另有 {form.dropped} 条建议引用的话不在作文里，已去掉。")
    parts += [f"**总评**：{form.summary}"] if form.summary else []
    parts.append("改好以后可以再贴一次，我按同样的要求再看。")
    return disarm("\n\n".join(parts))


def _wanted(task: EssayTask, unit: str) -> str:
    if task.low and task.high:
        return f"（要求 {task.low}–{task.high} {unit}）"
    return f"（要求不少于 {task.low} {unit}）" if task.low else f"（要求不超过 {task.high} {unit}）" if task.high else ""


def _line(text: str) -> str:
    return " ".join(text.split("\n"))
