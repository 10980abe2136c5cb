"""The whole road, from notes to a scorecard, each step by its own command: what a newcomer runs first."""

import json
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from finetune import demo
from rag.chat_models.model_folder import folder_digest

PAIRS, LEARNT, UNSEEN = 10, 6, 14


@pytest.fixture(scope="module")
def road(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo's folder, gone through once with few pairs and a short exam."""
    out = tmp_path_factory.mktemp("demo") / "out"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(demo, "_LEARNT", LEARNT)
        patch.setattr(demo, "_UNSEEN", UNSEEN)
        assert demo.main(["--out", str(out), "--pairs", str(PAIRS)]) == 0
    return out


@pytest.fixture(scope="module")
def card(road: Path) -> dict[str, Any]:
    return dict(json.loads((road / "scorecard.json").read_bytes()))


def test_what_was_taught_is_known_word_for_word_and_was_not_before(card: dict[str, Any]) -> None:
    before, after = card["exact"]["微调前"], card["exact"]["微调后"]
    assert before == {"correct": 0, "n": PAIRS + LEARNT}
    assert after["n"] == PAIRS + LEARNT and after["correct"] >= 0.9 * after["n"]


def test_the_merged_model_says_what_base_and_adapter_say(card: dict[str, Any], road: Path) -> None:
    assert 0 <= card["merged_logits_difference"] < 1e-4
    assert folder_digest(road / "merged") != folder_digest(road / "base")


@pytest.mark.skipif(not find_spec("lmdeploy"), reason="没有安装 lmdeploy")
def test_the_quantized_model_is_smaller_and_still_knows_it(card: dict[str, Any], road: Path) -> None:
    before, after = card["bytes"]
    assert after < 0.5 * before
    assert json.loads((road / "awq" / "config.json").read_bytes())["quantization_config"]["quant_method"] == "awq"
    assert card["exact"]["AWQ（反量化）"]["correct"] >= 0.7 * (PAIRS + LEARNT)


def test_the_exam_has_an_interval_for_each_condition_and_parts_the_seen_from_the_unseen(card: dict[str, Any]) -> None:
    assert list(card["exams"]) == ["微调前", "微调后", "微调后＋检索"]
    for score in card["exams"].values():
        assert score["all"]["n"] == LEARNT + UNSEEN and score["unseen"]["n"] == UNSEEN
        assert 0 <= score["all"]["low"] <= score["all"]["correct"] / score["all"]["n"] <= score["all"]["high"] <= 1
    taught = {name: score["all"]["correct"] - score["unseen"]["correct"] for name, score in card["exams"].items()}
    assert taught["微调后"] >= 0.9 * LEARNT > taught["微调前"]


def test_a_folder_that_holds_something_is_left_alone(road: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert demo.main(["--out", str(road)]) == 2
    assert "不是空的" in capsys.readouterr().err
