"""The gold questions: whole, and their quotes stand in the shipped documents."""

import json
from collections import Counter
from pathlib import Path

import pytest

from errors import ContentError
from eval.gold import GOLD, GoldQuestion, Judgement, found_in, read_gold
from knowledge.build_docs import HANDOUTS
from knowledge.quotes import squeezed
from knowledge.subjects import SUBJECTS
from settings import ROOT


def _plain(source: str) -> str:
    path = ROOT / source
    if path.suffix == ".pdf":
        subject = next(subject for subject, title in HANDOUTS.items() if title == path.stem)
        path = ROOT / "knowledge" / "handouts" / f"{subject}.md"
    return squeezed(path.read_text(encoding="utf-8"))


def test_every_quote_stands_in_its_document() -> None:
    texts: dict[str, str] = {}
    for question in read_gold(sorted(GOLD.glob("retrieval.*.jsonl"))):
        assert question.judgements and 4 <= len(question.question) <= 80, question.id
        for judgement in question.judgements:
            text = texts.setdefault(judgement.source, _plain(judgement.source))
            assert judgement.grade in (1, 2) and len(judgement.quote) >= 8, question.id
            assert squeezed(judgement.quote) in text, (question.id, judgement.quote)


def test_there_are_enough_questions_of_every_subject_and_none_twice() -> None:
    questions = read_gold(sorted(GOLD.glob("retrieval.*.jsonl")))
    counts = Counter(q.subject for q in questions)
    assert len(questions) >= 240 and all(counts[s] >= 60 for s in ("ds", "co", "os", "cn"))
    assert len({q.id for q in questions}) == len({squeezed(q.question) for q in questions}) == len(questions)


def test_the_questions_for_refusing_are_balanced() -> None:
    rows = [json.loads(line) for path in GOLD.glob("refusal.*.jsonl") for line in path.read_text("utf-8").splitlines()]
    counts = Counter((row["subject"], row["answerable"]) for row in rows)
    assert all(counts[subject, answerable] >= 25 for subject in ("ds", "co", "os", "cn") for answerable in (True, False))
    assert len({squeezed(row["question"]) for row in rows}) == len(rows) and {row["subject"] for row in rows} <= set(SUBJECTS)


def test_a_quote_is_found_whatever_the_marks_and_blanks() -> None:
    question = GoldQuestion("x", "os", "？", (Judgement("互斥、占有并等待", 2, "a"), Judgement("银行家 算法", 1, "a")))
    assert found_in("条件是**互斥**、占有\n并等待。", question) == [0] and found_in("银行家算法", question) == [1]
    assert found_in("互斥", question) == []


def test_a_line_that_is_no_question_is_named(tmp_path: Path) -> None:
    (path := tmp_path / "bad.jsonl").write_text('{"id": "a"}\n', encoding="utf-8")
    with pytest.raises(ContentError, match="bad.jsonl 第 1 行"):
        read_gold([path])
