import json
import random
import re
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from eval.extraction import Reading, claims, denials, lines, patterns, read_letter, reading, retreats, text, ticks, words

REPLIES = [json.loads(line) for line in Path(__file__).with_name("replies.jsonl").read_text(encoding="utf-8").splitlines()]
PIECES = (
    "答案：|答案是|正确答案|故选|选|选项|因此|所以|不是|不|排除|A|B|C|D|E|Ａ|b| |\n|\n\n|。|，|、|**|*|`|#|(|)|（|）|\\boxed{|}|$|\\text{|<think>|</think>"
    "|<answer>|</answer>|Answer: |The answer is |option |correct|incorrect|正确|错误|ARP|B+树|C++|DMA|A/D|C-SCAN|先来先服务|如果|等等，|1. |下列|是|为"
    "|{\"answer\": |\"|<|im_end|>|\ud800|\udfff|\x00|\u200b|\ufdfa|🙂|答案為|綜上|____|和|或|A.|B、|->|→|12|/|-|答"
    "|[THINK]|[/THINK]|◁think▷|◁/think▷|- [x] A|[ ]|✅|❌|答案：A\n|更正|应改为|易错点：|很多同学|上面的计算有误|重新计算|（ B ）|<b>|</b>|&nbsp;|形如|格式|其实|，选"
).split("|") + ["<|channel|>analysis<|message|>", "<|channel|>final<|message|>", "<|begin_of_box|>", "<|end_of_box|>"]  # fmt: skip


def test_replies_are_read_as_a_person_reads_them() -> None:
    readings = [(read_letter(row["reply"], row.get("options", ())).letter, row) for row in REPLIES]
    wrong = [row["reply"] for letter, row in readings if letter not in (None, row["letter"])]
    missed = [row["reply"] for letter, row in readings if letter != row["letter"]]
    assert len(REPLIES) >= 800 and not wrong
    assert len(missed) <= 0.01 * len(REPLIES), missed


def test_a_letter_has_no_reason_and_none_has_one() -> None:
    for row in REPLIES:
        reading = read_letter(row["reply"], row.get("options", ()))
        assert bool(reading.letter) != bool(reading.reason)


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        ("", "空回答"),
        (" \n\u3000", "空回答"),
        ("<think>先看 A，答案是 B", "思考没有写完"),
        ("<think>答案是 B</think>\n", "思考之后没有作答"),
        ("答案是 B。</think>\n这道题缺图。", "没有写出选项"),
        ("答案：A<think>再想想</think>答案：A</think>这道题缺图。", "没有写出选项"),
        ("ARP 请求是广播帧", "没有写出选项"),
        ("答案：", "没有写出选项"),
        ("答案：A、C", "写了几个不同的选项"),
        ("答案：A\n答案：B", "写了几个不同的选项"),
        ("答案：E", "写的答案不是 A、B、C、D 之一"),
        ("答案：B。等等，重新算一下：", "答案之后又被推翻，没有再写"),
        ("答案：B\n\n上面的计算有误，", "答案之后又被推翻，没有再写"),
        ("答案：A\n\n解析：栈是后进先出，故选 B。", "写了几个不同的选项"),
        ("[THINK]答案：A", "思考没有写完"),
        ("◁think▷答案：A", "思考没有写完"),
        ("<|channel|>analysis<|message|>答案：A", "思考没有写完"),
        ("analysisThe answer is A.", "思考没有写完"),
    ],
)
def test_why_nothing_was_read(reply: str, reason: str) -> None:
    assert read_letter(reply) == Reading(None, reason)


REMARKS = (
    "很多同学会误选 C，认为答案是 C。", "有些教材给出的答案为 D。", "注：原题答案为 A，有误。", "对比：队列的答案是 A。", "把栈当成队列会得到答案 A。",
    "不要被“答案是 A”的直觉误导。", "若问的是队列，答案为 A。", "A 项不对，应改为“队列”。", "每一跳都要重新计算检验和，答案 C 错误。", "上一题的答案是 D。",
)  # fmt: skip


@pytest.mark.parametrize("line", ["答案：B", "**答案：B**", "答案：\\boxed{B}", "最终答案：B。", "### 答案\n\n**B**", "B"])
@pytest.mark.parametrize("remark", REMARKS)
def test_remarks_behind_an_answer_line_change_nothing(line: str, remark: str) -> None:
    assert read_letter(f"{line}\n\n{remark}").letter == "B"
    assert read_letter(f"{line}\n\n**易错点**：\n- {remark}\n").letter == "B"


@pytest.mark.parametrize(
    "reply",
    [
        "故选 B。\n\n有些考生没有注意单位，算出来的答案就是 C。", "正确答案是 B。\n\n易错点：\n忽略了符号位。\n答案为 C。", "故选 B。队列呢？答案是 A。",
        "故选 B。需要说明的是，若不要求稳定，正确答案是 C。", "本题应选 B。下一问才是求叶结点，那一问答案为 C。",
        "答案：B\n\n等等，我再检查一遍：确认无误。", "答案：B\n\n若题目问队列，则应改为 A。",
    ],
)  # fmt: skip
def test_a_remark_replaces_no_answer(reply: str) -> None:
    assert read_letter(reply).letter == "B"


@pytest.mark.parametrize(
    "words",
    ["更正：答案：C", "等等，看错了题目。\n\n答案：C", "上面的计算有误，应改为 C。", "不对，栈不是这样，选 C。", "抱歉，正确答案应为 C。"],
)  # fmt: skip
def test_a_correction_behind_an_answer_line_counts(words: str) -> None:
    assert read_letter(f"答案：B\n\n{words}").letter == "C"


@pytest.mark.parametrize(
    "thought",
    [
        "<think>{}</think>", "[THINK]{}[/THINK]", "◁think▷{}◁/think▷", "<seed:think>{}</seed:think>",
        "<|channel|>analysis<|message|>{}<|end|><|start|>assistant<|channel|>final<|message|>", "analysis我想：{}assistantfinal",
    ],
)  # fmt: skip
def test_thoughts_are_no_answer(thought: str) -> None:
    assert read_letter(thought.format("答案：A") + "栈后进先出。\n\n答案：B").letter == "B"
    assert read_letter(thought.format("答案：A") + "栈后进先出，").letter is None
    assert read_letter(thought[: thought.index("{")] + "答案：A").reason == "思考没有写完"


@pytest.mark.parametrize(
    ("reply", "letter"),
    [
        ("- [ ] A\n- [x] B", "B"), ("- [x] A\n- [x] B", None), ("- [ ] A\n- [ ] B", None), ("☐ A\n☑ B", "B"),
        ("A ❌\nB ✅\nC ❌\nD ❌", "B"), ("| A | × |\n| B | √ |\n| C | × |\n| D | × |", "B"),
        ("A ❌\nB ✅\nC ❌", None), ("A ✅\nB ✅\nC ❌\nD ✅", None),
    ],
)  # fmt: skip
def test_an_option_may_be_ticked(reply: str, letter: str | None) -> None:
    assert read_letter(reply).letter == letter


@pytest.mark.parametrize(
    ("words", "letter"), [("先来先服务", "C"), ("“先来 先服务”。", "C"), ("先来先服务算法", None), ("1/2", "A"), ("12", "B")]
)
def test_an_options_own_words_count_when_one_option_has_them(words: str, letter: str | None) -> None:
    assert read_letter(f"答案是：{words}", ["1/2", "12", "先来先服务", "短作业优先"]).letter == letter
    assert read_letter(f"答案是：{words}", ["1/2", "12", "先来先服务", "先来先服务"]).letter == (
        letter if letter != "C" else None
    )
    assert read_letter(f"答案是：{words}").letter is None


@pytest.mark.parametrize(
    "reply",
    [
        "答案是 A 吗？", "正确答案是 B？", "答案 A 错误。", "正确答案是 C 显然不对。", "答案：A 选项说的是 TCP。", "The answer is A records.",
        "The answer is B is wrong.", "答案不是 C。", "不应选 D。", "如果答案是 A，页框数为 3。", "很多同学误选 B。", "与答案 A 相比",
    ],
)  # fmt: skip
def test_what_is_denied_supposed_or_quoted_is_no_answer(reply: str) -> None:
    assert read_letter(reply) == Reading(None, "没有写出选项")


def test_a_letter_names_an_option_even_where_options_are_letters() -> None:
    swapped = ["B", "A", "D", "C"]
    assert [read_letter(reply, swapped).letter for reply in ("B", "答案：A", "答案是 D。")] == ["B", "A", "D"]


def test_a_long_reply_is_read_at_its_ends() -> None:
    assert read_letter("推" * 200_000 + "\n答案：B").letter == "B"
    assert read_letter("答案：B\n" + "推" * 200_000).letter == "B"
    assert read_letter("答案：B\n" * 40_000).letter == "B"
    assert read_letter("<think>" + "答案：A\n" * 50_000 + "</think>C").letter == "C"


@pytest.mark.parametrize(
    "part", ["A", "答案是", "答案：", "**", "\\boxed{", "<think>", "\n", "故选", "，", "\ufdfa", "A、", "正确"]
)
def test_a_reply_of_one_part_gives_nothing(part: str) -> None:
    assert read_letter(part * (200_000 // len(part))).letter is None


def _repeats(pattern: re.Pattern[str]) -> list[bool]:
    """Of each unbounded repetition, whether it stands inside another one or repeats more than one character."""
    return _repeats_of(re._parser.parse(pattern.pattern, pattern.flags & ~re.UNICODE))  # type: ignore[attr-defined]


def _repeats_of(tree: Any, inside: bool = False) -> list[bool]:
    found = []
    for op, value in tree:
        if str(op) in ("MAX_REPEAT", "MIN_REPEAT"):
            unbounded = value[1] == re._parser.MAXREPEAT  # type: ignore[attr-defined]
            if unbounded:
                found.append(inside or len(value[2]) > 1 or str(value[2][0][0]) not in ("IN", "LITERAL"))
            found += _repeats_of(value[2], inside or unbounded)
        elif str(op) == "BRANCH":
            found += [one for branch in value[1] for one in _repeats_of(branch, inside)]
        elif str(op) == "SUBPATTERN":
            found += _repeats_of(value[3], inside)
        elif str(op) in ("ASSERT", "ASSERT_NOT"):
            found += _repeats_of(value[1], inside)
    return found


def test_patterns_are_linear() -> None:
    simple = [p for module in (text, words) for p in _patterns(module)]
    bounded = [p for module in (reading, claims, denials, lines, patterns, retreats, ticks) for p in _patterns(module)]
    assert len(simple) > 5 and len(bounded) > 30
    for pattern in simple:  # one run of one kind of character at most
        assert len(_repeats(pattern)) <= 1 and not any(_repeats(pattern)), pattern.pattern
    for pattern in bounded:
        assert not _repeats(pattern), pattern.pattern


def _patterns(module: ModuleType) -> list[re.Pattern[str]]:
    values = [one for value in vars(module).values() for one in (value if isinstance(value, list) else [value])]
    return [value for value in values if isinstance(value, re.Pattern)]


def test_nothing_raises() -> None:
    chance = random.Random(408)
    for n in range(3000):
        parts = [
            chance.choice(PIECES) if chance.random() < 0.9 else chr(chance.randrange(0x110000))
            for _ in range(chance.randrange(40))
        ]
        reply = "".join(parts) * (1 if n % 100 else 200)
        reading = read_letter(reply, ["先来先服务", "B类地址", "12", ""] if n % 2 else ())
        assert reading.letter in ("A", "B", "C", "D", None) and bool(reading.letter) != bool(reading.reason)
