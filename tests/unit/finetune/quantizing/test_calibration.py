"""Which text a model is calibrated with, and that it is not checked with the same."""

from __future__ import annotations

from typing import Any

import pytest

from errors import ContentError, ModelLoadError, UsageError
from finetune.conversations.conversation import Conversation, Turn
from finetune.conversations.files import write_conversations
from finetune.quantizing.calibration import OWN, calibration_texts, rendered, shuffled, tokens_of, windows
from knowledge.bank import BANK, read_bank


class Words:
    """A tokenizer of one number a character, with a template of one line a turn."""

    chat_template = "{role}:{content}"

    def apply_chat_template(self, turns: list[dict[str, str]], tokenize: bool) -> str:
        if not tokenize and turns[0]["role"] == "system":
            raise ValueError("System role not supported")
        return "".join(f"{turn['role']}:{turn['content']}\n" for turn in turns)

    def __call__(self, text: str, add_special_tokens: bool) -> dict[str, list[int]]:
        return {"input_ids": [*([0] if add_special_tokens else []), *map(ord, text)]}


def _talk(asked: str, told: str) -> Conversation:
    return Conversation((Turn("user", asked), Turn("assistant", told)))


def test_windows_are_whole_texts_cut_at_the_end() -> None:
    texts = [[1, 2, 3], [4, 5], [6, 7, 8, 9, 10], [11], [12, 13, 14]]
    assert windows(texts, 4, 9) == [[1, 2, 3, 4], [6, 7, 8, 9], [11, 12, 13, 14]]
    assert windows(texts, 4, 1) == [[1, 2, 3, 4]]


def test_no_more_texts_are_read_than_needed() -> None:
    def endless() -> Any:
        while True:
            yield [1, 2]

    assert windows(endless(), 3, 2) == [[1, 2, 1], [1, 2, 1]]


def test_too_little_text_says_how_much_there_is() -> None:
    with pytest.raises(UsageError, match=r"只有 3 个 token，凑不满一段 4.*--seqlen 调到 3"):
        windows([[1, 2], [3]], 4, 9)


def test_text_is_in_the_models_template_without_further_special_tokens() -> None:
    assert list(tokens_of(Words(), [_talk("问", "答")])) == [[*map(ord, "user:问\nassistant:答\n")]]


def test_a_template_that_refuses_a_conversation() -> None:
    with pytest.raises(ModelLoadError, match=r"System role not supported.*chat_template"):
        rendered(Words(), Conversation((Turn("system", "你是老师"), Turn("user", "问"), Turn("assistant", "答"))))


def test_our_own_text_is_split_and_holds_no_exam() -> None:
    texts = calibration_texts()
    assert texts.files[0].name == OWN and calibration_texts().files == texts.files
    calibration, held_out = ({turn.content for one in part for turn in one.turns} for part in (texts.calibration, texts.held_out))
    assert len(texts.held_out) > 50 and not calibration & held_out
    stems = {question.stem for question in read_bank(BANK).questions}
    assert len(stems) > 500 and not stems & (calibration | held_out)


def test_the_order_is_mixed_and_always_the_same() -> None:
    talks = [_talk(str(n), "答") for n in range(20)]
    assert shuffled(talks) == shuffled(talks) != talks
    assert {*shuffled(talks)} == {*talks}


def test_files_of_the_users(tmp_path: Any) -> None:
    own = calibration_texts().held_out[0]
    file = tmp_path / "val.jsonl"
    write_conversations(file, [_talk("问", "答"), _talk("另一种问法", own.turns[-1].content)])
    texts = calibration_texts([file])
    assert [one.turns for one in texts.calibration][0] == _talk("问", "答").turns
    assert texts.files[0].name == "val.jsonl" and len(texts.files[0].digest) == 16
    assert own.turns not in [one.turns for one in texts.held_out] and len(texts.held_out) > 50
    pieces = [own.turns[-1].content[i : i + 60] for i in range(0, len(own.turns[-1].content), 60)]
    write_conversations(file, [_talk(f"第 {n} 问", "据笔记：" + piece) for n, piece in enumerate(pieces)])
    assert own.turns not in [one.turns for one in calibration_texts([file]).held_out]
    file.write_text("{", encoding="utf-8")
    with pytest.raises(ContentError, match=r"val\.jsonl"):
        calibration_texts([file])
