from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, SystemMessage

from rag.calculations import MOST_CALCULATIONS, with_calculator
from rag.speaker import Speaker

MESSAGES = [SystemMessage("你是老师。<calc>1+1</calc>"), HumanMessage("<passage><calc>2+2</calc></passage>")]


class Scripted:
    """Answers in pieces of `size` characters and notes what it was asked and how far it was read."""

    def __init__(self, *answers: str, size: int = 1) -> None:
        self.answers, self.size = list(answers), size
        self.asked: list[list[BaseMessage]] = []
        self.read: list[str] = []

    def __call__(self, messages: Sequence[BaseMessage]) -> Iterator[str]:
        self.asked.append(list(messages))
        self.read.append("")
        answer = self.answers.pop(0)
        for at in range(0, len(answer), self.size):
            self.read[-1] += answer[at : at + self.size]
            yield answer[at : at + self.size]


def spoken(model: Scripted) -> str:
    return "".join(with_calculator(model, MESSAGES))


@pytest.mark.parametrize("size", [1, 3, 7, 1000])
def test_a_calculation_takes_the_place_of_its_tag_and_the_model_goes_on(size: int) -> None:
    model = Scripted("容量是 <calc>2^13*4 KB</calc> 这里不该读到", "，所以选 B。", size=size)
    assert spoken(model) == "容量是 2^13*4 KB = 32 MB，所以选 B。"
    system, question, said, told = model.asked[1]
    assert [system, question] == MESSAGES and isinstance(said, AIMessage) and said.content == "容量是 2^13*4 KB = 32 MB"
    assert isinstance(told, HumanMessage) and "计算结果：2^13*4 KB = 32 MB" in str(told.content)
    if size < 7:
        assert model.read[0].endswith("</calc>") or len(model.read[0]) < len("容量是 <calc>2^13*4 KB</calc> 这里")


def test_a_tag_is_no_calculation_where_it_is_not_the_models() -> None:
    assert spoken(Scripted("好。")) == "好。"


def test_several_calculations_and_all_that_was_said_is_sent_each_time() -> None:
    model = Scripted("甲 <calc>1+1</calc>", "；乙 <CALC>2*3</CALC>", "。")
    assert spoken(model) == "甲 1+1 = 2；乙 2*3 = 6。"
    assert model.asked[2][2].content == "甲 1+1 = 2；乙 2*3 = 6" and len(model.asked[2]) == 4


def test_a_stray_end_before_a_calculation_is_not_shown() -> None:
    assert spoken(Scripted("甲</calc>乙 <calc>1+1</calc>", "。", size=100)) == "甲乙 1+1 = 2。"


def test_an_expression_that_cannot_be_read_is_told_to_the_model_and_not_shown() -> None:
    model = Scripted("得 <calc>import os</calc>", "约 3 次。")
    assert spoken(model) == "得 约 3 次。"
    assert "import os" in str(model.asked[1][-1].content) and "无法计算" in str(model.asked[1][-1].content)


def test_a_model_that_stops_inside_the_tag_has_asked_for_a_calculation() -> None:
    assert spoken(Scripted("得 <calc>3*4", "。")) == "得 3*4 = 12。"
    assert spoken(Scripted("得 <calc>3*4</ca", "。")) == "得 3*4 = 12。"


def test_there_are_no_more_than_so_many_and_no_tag_is_ever_shown() -> None:
    model = Scripted(*["<calc>1+1</calc>"] * (MOST_CALCULATIONS + 5))
    assert spoken(model) == "1+1 = 2" * MOST_CALCULATIONS + "1+1"
    assert len(model.asked) == MOST_CALCULATIONS + 1


@pytest.mark.parametrize("size", [1, 2, 5, 1000])
@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("a < b 而 c <= d <", "a < b 而 c <= d <"),
        ("<calculator> 是标签", "<calculator> 是标签"),
        ("多余的</calc>标签", "多余的标签"),
        ("<calc>" + "长" * 300 + "</calc>完", "长" * 300 + "完"),
        ("<calc>一段\n\n又一段", "一段\n\n又一段"),
    ],
)
def test_what_is_no_calculation_is_shown_without_tags(said: str, shown: str, size: int) -> None:
    assert spoken(Scripted(said, size=size)) == shown


def test_an_answer_that_is_only_a_calculation_sends_no_empty_message() -> None:
    model = Scripted("<calc>1/0</calc>", "无意义。")
    assert spoken(model) == "无意义。" and str(model.asked[1][2].content).strip()


def test_through_a_speaker_as_the_tutor_has_it(recording: Any) -> None:
    model = recording("容量是 <calc>2^13*4 KB</calc> 多余", "。[1][9]")
    speaker = Speaker(model, "模型", True)
    said = "".join(with_calculator(lambda messages: speaker.stream(messages, 1), MESSAGES))
    assert said == "容量是 2^13*4 KB = 32 MB。[1]" and len(model.seen) == 2


def test_leaving_early_closes_the_model() -> None:
    closed = []

    def model(messages: Sequence[BaseMessage]) -> Iterator[str]:
        try:
            yield "一"
            yield "二"
        finally:
            closed.append(True)

    answer = with_calculator(model, MESSAGES)
    next(answer)
    answer.close()  # type: ignore[attr-defined]
    assert closed
