"""Sentences of students in despair, and sentences that only look like them; new ones go into the two files beside this one."""

from pathlib import Path

import pytest

from knowledge.asked import read_asked
from knowledge.bank import BANK, read_bank
from rag.conversation import Session, Turn
from rag.events import Answer, Token
from tutoring.crisis import HELP_LINES, REMINDER, crisis_before, crisis_in, with_help

HERE = Path(__file__).parent
CRISIS = (HERE / "crisis_sentences.txt").read_text(encoding="utf-8").splitlines()
HARMLESS = (HERE / "harmless_sentences.txt").read_text(encoding="utf-8").splitlines()


class Labelled:
    label = "测试模型"


def test_recall_over_the_sentences() -> None:
    assert len(CRISIS) >= 60
    missed = [text for text in CRISIS if not crisis_in(text)]
    assert len(missed) <= 0.05 * len(CRISIS), missed


def test_no_alarm_over_harmless_sentences() -> None:
    assert len(HARMLESS) >= 100
    assert [text for text in HARMLESS if crisis_in(text)] == []


def test_no_alarm_over_the_bank_and_the_students_questions() -> None:
    bank = read_bank(BANK)
    texts = [f"{q.stem}\n{' '.join(q.options)}\n{q.explanation}" for q in bank.questions]
    texts += [p.stem + "".join(part.question + part.answer for part in p.parts) for p in bank.problems]
    texts += [asked.question for asked in read_asked()]
    assert len(texts) > 5000 and [text for text in texts if crisis_in(text)] == []


@pytest.mark.parametrize("text", ["自 杀", "自·杀", "不\u200b想活了", "自殺", "我 不 想 活 了", "SUICIDE", "ＫＩＬＬ myself"])
def test_spelled_apart_or_otherwise(text: str) -> None:
    assert crisis_in(text)


def test_a_long_hostile_text_is_read_quickly() -> None:
    assert not crisis_in("我想要把" * 1000 + "活着真好" * 1000)


def test_a_message_in_crisis_is_answered_with_help_before_the_mode_is_asked() -> None:
    def mode():
        raise AssertionError("the mode was asked")
        yield

    earlier = Answer("", "os", "m", memory={"rung": 1})
    session = Session(mode="socratic", turns=[Turn("死锁", earlier, "socratic")])
    *_, answer = with_help("不想活了", session, Labelled(), mode())
    assert answer.text.startswith(HELP_LINES) and answer.memory == {"rung": 1} and answer.notice == ""
    for number in ("12356", "12355", "120", "110", "辅导员"):
        assert number in answer.text


def test_later_turns_carry_a_reminder_and_others_nothing() -> None:
    session = Session(turns=[Turn("我不想活了", Answer("", "os", "m"))])
    answered = [Token("死锁"), Answer("死锁", "os", "m", notice="注意。")]
    *_, answer = with_help("死锁是什么", session, Labelled(), iter(answered))
    assert crisis_before(session) and answer.notice == f"注意。\n\n{REMINDER}"
    assert list(with_help("死锁是什么", Session(), Labelled(), iter(answered))) == answered
