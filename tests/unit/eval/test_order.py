"""What is ordered on the page, as the arguments of the exam's command."""

from pathlib import Path

import pytest

from errors import UsageError
from eval.exam import _parser
from eval.order import Order, arguments_of, command_line
from knowledge.bank import BANK
from settings import ROOT, Settings

MODEL = Settings(_env_file=None, chat_model="openai:m", chat_base_url="http://127.0.0.1:9/v1")
NONE = Settings(_env_file=None)


@pytest.mark.parametrize(
    ("order", "settings", "told"),
    [
        (Order(), NONE, "--kb own"),
        (Order(limit=40, rag="both", mode="both", shots=5), NONE, "--limit 40 --kb own"),
        (Order(), MODEL, "--mode gen --rag off"),
        (Order(limit=8, rag="on", mode="logprob", shots=5, shuffle=True, kb="shipped"), MODEL,
         "--limit 8 --mode logprob --rag on --shots 5 --shuffle circular --kb shipped"),
        (Order("generated", limit=7, seed=3), MODEL, "--generated 7 --seed 3 --mode gen --rag off"),
        (Order("paper", limit=9, shuffle=True), MODEL, "--paper --seed 408 --mode gen --rag off"),
        (Order(subjects=("ds", "co", "os", "cn")), NONE, "--kb own"),
    ],
)  # fmt: skip
def test_the_arguments_are_those_that_apply(order: Order, settings: Settings, told: str) -> None:
    arguments = arguments_of(order, settings)
    assert " ".join(arguments) == told
    assert _parser().parse_args(arguments)


def test_subjects_are_the_files_of_the_bank_in_the_exams_order() -> None:
    arguments = arguments_of(Order(subjects=("cn", "ds"), limit=4), NONE)
    assert arguments == ["--questions", str(BANK / "ds.jsonl"), str(BANK / "cn.jsonl"), "--limit", "4", "--kb", "own"]
    assert all(Path(one).is_file() for one in arguments[1:3])
    assert str(ROOT) not in command_line(arguments) and "knowledge/questions/ds.jsonl" in command_line(arguments)


@pytest.mark.parametrize(
    "order",
    [
        Order(limit=0), Order(limit=10**9), Order(seed=-1), Order(subjects=("policy",)), Order(subjects=("; rm -rf /",)),
        Order(rag="--out"), Order(mode="x"), Order(source="--questions"), Order(shots=3), Order(kb="/etc"),  # type: ignore[arg-type]
    ],
)  # fmt: skip
def test_what_can_not_be_chosen_is_refused(order: Order) -> None:
    with pytest.raises(UsageError, match="[一-龥]"):
        arguments_of(order, MODEL)


def test_the_command_is_quoted_for_a_shell() -> None:
    assert command_line(["--out", "a b;c"]) == "python -m eval.exam --out 'a b;c'"
