"""From an answer of the tutor to the verdicts on it: citations, marks, claims, and whether it comes to the point."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from eval.answer_quality.asking import Asked
from eval.answer_quality.claims import Checked, Checker, is_claim, marked, sentences_of
from eval.answer_quality.pages import OriginalPages, plain
from eval.answer_quality.questions import TutorQuestion
from eval.answer_quality.records import Mark, Quoted, TutorRecord
from eval.gold import GoldQuestion, found_in
from rag.citations import Citation
from rag.events import Answer
from rag.fence import FencedPassage
from rag.marks import unmarked

__all__ = ["MISSED", "PARTLY", "QUOTED", "UNSCORED", "WORDED", "judged"]

QUOTED, WORDED, PARTLY, MISSED, UNSCORED = "quoted", "worded", "partly", "missed", "unscored"
"""The answer, or a quote that it cites, holds words that answer (grade 2) as they stand in the document; the checker finds them
said in the answer in other words; words that answer in part (grade 1) are there; nothing of these; the checker did not say, so it is not known."""
_FULL = 2


def judged(question: TutorQuestion, asked: Asked, pages: OriginalPages, checker: Checker) -> TutorRecord:
    """The record of a question that was asked.

    Raises:
        ChatModelError: the judge did not answer; the question stays pending.
    """
    answer, shown = asked.answer, [FencedPassage(n, p.section, p.text) for n, p in enumerate(asked.passages, 1)]
    told = TutorRecord(
        question.id, question.kind, question.subject, question.question, question.answerable,
        answer.refused, answer.text, answer.model, round(asked.seconds, 3), passages=tuple(p.chunk_id for p in asked.passages),
        point=_point(question.gold, answer, checker),
    )  # fmt: skip
    if answer.refused:
        return told
    spoken = sentences_of(answer)
    saying = [sentence for sentence in spoken if is_claim(sentence.text)]
    claims = checker.claims(question.question, unmarked(answer.text), [sentence.text for sentence in spoken])
    return replace(
        told,
        marks=tuple(_marks(answer, checker)),
        citations=tuple(_quoted(citation, pages) for citation in answer.citations),
        sentences=len(saying),
        cited=sum(sentence.cited for sentence in saying),
        claims=None if claims is None else tuple(checker.check(claims, shown)),
    )


def _quoted(citation: Citation, pages: OriginalPages) -> Quoted:
    place = pages.place(citation)
    return Quoted(
        citation.n, citation.source, citation.document, citation.page, citation.section, citation.quote, citation.literal,
        place.standing, place.page, pages.boxed(citation, place),
    )  # fmt: skip


def _marks(answer: Answer, checker: Checker) -> list[Mark]:
    """The verdict on each mark, in their order; those of one citation are checked together."""
    stands_for = marked(answer)
    open_ones: dict[int, list[str]] = {}
    for number, words in zip(answer.marks, stands_for, strict=True):
        if not _is_literal(words, answer.citations[number]) and words not in open_ones.setdefault(number, []):
            open_ones[number].append(words)
    checked = {
        (number, words): found
        for number, texts in open_ones.items()
        for words, found in zip(texts, _borne_out(texts, answer.citations[number], checker), strict=True)
    }
    return [_mark(number, words, answer, checked) for number, words in zip(answer.marks, stands_for, strict=True)]


def _mark(number: int, words: str, answer: Answer, checked: Mapping[tuple[int, str], tuple[Checked, str]]) -> Mark:
    n = answer.citations[number].n
    if (number, words) not in checked:
        return Mark(n, number, words, "supported", "literal")
    found, by = checked[number, words]
    return Mark(n, number, words, found.verdict, by, found.reason)


def _borne_out(texts: Sequence[str], citation: Citation, checker: Checker) -> list[tuple[Checked, str]]:
    """Each text against the quote, and where that does not bear it out against the passage around it."""
    by_quote = checker.check(texts, [FencedPassage(citation.n, citation.section, citation.quote)])
    rest = [one.claim for one in by_quote if one.verdict != "supported"]
    by_passage = iter(checker.check(rest, [FencedPassage(citation.n, citation.section, citation.context)]))
    found = []
    for one in by_quote:
        wider = one if one.verdict == "supported" else next(by_passage)
        found.append((wider, "quote" if wider is one else "passage" if wider.verdict == "supported" else ""))
    return found


def _is_literal(words: str, citation: Citation) -> bool:
    return citation.literal and plain(words) in plain(citation.quote)


def _point(gold: GoldQuestion | None, answer: Answer, checker: Checker) -> str:
    """Whether the answer says what answers the question, by the gold words for it."""
    if gold is None:
        return ""
    if answer.refused:
        return MISSED
    said = unmarked(answer.text)
    texts = (said, *(citation.quote for citation in answer.citations))
    grades = {gold.judgements[i].grade for text in texts for i in found_in(text, gold)}
    if _FULL in grades:
        return QUOTED
    wanted = [judgement.quote for judgement in gold.judgements if judgement.grade == _FULL]
    verdicts = {one.verdict for one in checker.check(wanted, [FencedPassage(1, "", said)])}
    if "supported" in verdicts:
        return WORDED
    if "unscored" in verdicts:
        return UNSCORED
    return PARTLY if grades else MISSED
