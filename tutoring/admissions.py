"""升学咨询: policy documents and 一流课程, cited; nobody is promised a place."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from rag.citations import resolve
from rag.conversation import Session
from rag.events import Answer, Event, Found, Token
from rag.prompts_modes import ADMISSIONS_ROLE, ADMISSIONS_RULES
from rag.retrieval import Passage
from rag.sentences import sentences
from rag.tutor import Task, Tutor
from tutoring.answering import AskMode

__all__ = ["ADMISSIONS", "AdmissionsMode", "without_promises"]

ADMISSIONS = Task(rules=ADMISSIONS_RULES, role=ADMISSIONS_ROLE, subject="policy")
_PROMISE = re.compile(
    r"(?:一定|肯定|必定|绝对|百分之百|100%|保证|包你|稳稳?|必然)(?:会|能|可以|可|被|让你)*(?:被)?(?:考上|上岸|录取|通过|进入?复试|认定|入选|没问题)"
    r"|(?:录取|上岸|考上|通过|认定)(?:的)?(?:概率|可能性|几率|机会|把握)(?:大?约|是|为|在|有|高达|超过|很大|很高|不大|不高)|(?:保证|承诺|确保)[^。！？\n]{0,8}(?:录取|上岸|通过|认定)|(?:你|您)(?:应该|多半|大概率)?(?:能|会|可以)(?:被)?(?:录取|考上|上岸)"
)
"""Sentences about a person's own chances, which no document holds."""
_MARKS = re.compile(r"(?:[\[［【]\d{1,3}[\]］】])+")
"""At the beginning of a sentence they belong to the one before."""
_CAUTION = "名额、条件和时间以学校或招生单位当年的通知为准。"
_RESTS = "以上依据库中的文件；"
"""Said only of an answer that cites them."""


@dataclass(frozen=True)
class AdmissionsMode(AskMode):
    """The cited chain over the policy documents; what a model adds on anybody's chances is left out."""

    task: Task = ADMISSIONS

    def stream(self, text: str, session: Session, tutor: Tutor) -> Iterator[Event]:
        passages: tuple[Passage, ...] = ()
        for event in super().stream(text, session, tutor):
            if isinstance(event, Found):
                passages = event.retrieval.passages
            if isinstance(event, Token):
                yield Token("")  # shown once it is checked; until then the reader can leave
                continue
            if isinstance(event, Answer) and not event.refused:
                event = _checked(event, passages)
                yield Token(event.text)
            yield event


def without_promises(text: str) -> str:
    """An answer without the sentences that promise or estimate somebody's admission."""
    kept, end = "", 0
    for start, stop in sentences(text):
        marks = _MARKS.match(text, start)
        kept += text[end:stop] if not _PROMISE.search(text[start:stop]) else marks[0] if marks else ""
        end = stop
    return kept.strip()


def _checked(answer: Answer, passages: tuple[Passage, ...]) -> Answer:
    if not _PROMISE.search(answer.text) or any(_PROMISE.search(c.quote) for c in answer.citations if c.literal):
        caution = (_RESTS if answer.citations else "") + _CAUTION
        return replace(answer, notice="\n\n".join(filter(None, (answer.notice, caution))))
    cited = resolve(without_promises(answer.text), passages)
    text = cited.text or "能否录取取决于当年的名额、分数线和考核，文件里没有依据，我不能预测。请以招生单位的通知为准。"
    left_out = "关于能否录取的预测没有依据，已略去。" + (_RESTS if cited.citations else "") + _CAUTION
    return replace(answer, text=text, citations=cited.citations, marks=cited.marks, notice=left_out)
