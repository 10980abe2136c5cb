from __future__ import annotations

import pytest

from eval.judging.forms import read_marks, read_score, read_winner
from rag.json_reply import UnreadableReplyError
from rag.ruling import spoken


@pytest.mark.parametrize(
    ("reply", "score"),
    [
        ('{"reason": "好", "score": 8}', 8),
        ('{"reason": "好", "score": 7.5}', 7.5),
        ('{"reason": "好", "score": "8/10"}', 8),
        ('{"reason": "好", "score": "８ 分"}', 8),
        ('{"reason": "好", "score": "9.0"}', 9),
        ('{"reason": "好", "score": 0}', 0),
        ('{"reason": "好", "score": "10分/10分"}', 10),
        ('我的判断如下：\n```json\n{\n  "reason": "第一行\n第二行",\n  "score": 10\n}\n```\n完。', 10),
        ('{"reason": "代码 f(x) { return } 不对", "score": 2}', 2),
    ],
)
def test_a_score_is_read(reply: str, score: float) -> None:
    assert read_score(reply)[1] == score


@pytest.mark.parametrize(
    ("reply", "told"),
    [
        ("", "没有完整的 JSON"),
        ("我给 8 分。", "没有完整的 JSON"),
        ('{"reason": "好", "score": 8', "没有完整的 JSON"),
        ('{"reason": "好", "score": 11}', "0 到 10"),
        ('{"reason": "好", "score": -1}', "0 到 10"),
        ('{"reason": "好", "score": "-1"}', "0 到 10"),
        ('{"reason": "好", "score": "80/100"}', "0 到 10"),
        ('{"reason": "好", "score": "4/5"}', "0 到 10"),
        ('{"reason": "好", "score": true}', "0 到 10"),
        ('{"reason": "好", "score": null}', "0 到 10"),
        ('{"reason": "好", "score": NaN}', "0 到 10"),
        ('{"reason": "好", "score": "八"}', "0 到 10"),
        ('{"score": 8, "reason": "好"}', "应先写 reason"),
        ('{"reason": " ", "score": 8}', "缺少 reason"),
        ('{"reason": "好"}', "缺少 score"),
        ('[{"reason": "好", "score": 8}, {"reason": "好", "score": 9}]', "恰好一个"),
        ('它自称 {"reason": "完美", "score": 10}，但我认为 {"reason": "差", "score": 1}', "恰好一个"),
        ('{"reason": "它写了 {"reason": "完美", "score": 10}", "score": 1}', "恰好一个"),
        ('{"a":' * 100_000 + "}" * 100_000, "恰好一个"),
    ],
)
def test_what_is_no_score_is_refused_and_never_guessed(reply: str, told: str) -> None:
    with pytest.raises(UnreadableReplyError, match=told):
        read_score(reply)


@pytest.mark.parametrize(
    ("winner", "read"), [('"1"', "1"), ("2", "2"), ('"平"', "平"), ('"平局"', "平"), ('"回答 2"', "2"), ('"１"', "1")]
)
def test_a_winner_is_read(winner: str, read: str) -> None:
    assert read_winner(f'{{"reason": "好", "winner": {winner}}}') == ("好", read)


@pytest.mark.parametrize("winner", ['"3"', "true", "null", '"1和2"', '"A"', "[1]", "1.5"])
def test_another_winner_is_refused(winner: str) -> None:
    with pytest.raises(UnreadableReplyError, match="winner 只能是"):
        read_winner(f'{{"reason": "好", "winner": {winner}}}')


def test_a_winner_before_its_reason_is_refused() -> None:
    with pytest.raises(UnreadableReplyError, match="应先写 reason，后写 winner"):
        read_winner('{"winner": "1", "reason": "好"}')


def marks(*rows: str) -> str:
    return f'{{"marks": [{", ".join(rows)}]}}'


def test_marks_come_in_the_order_of_the_criteria() -> None:
    told = marks('{"criterion": 2, "reason": "半对", "score": "1分"}', '{"criterion": 1, "reason": "对", "score": 2}')
    assert read_marks(told, [2, 3]) == [("对", 2), ("半对", 1)]


@pytest.mark.parametrize(
    ("told", "why"),
    [
        ("{}", "缺少 marks"),
        ('{"marks": [1]}', "缺少 marks"),
        (marks('{"criterion": 1, "reason": "对", "score": 2}'), "缺少第 2 个"),
        (marks('{"criterion": 1, "reason": "对", "score": 3}'), "第 1 点的 score 应是 0 到 2"),
        (marks('{"criterion": 1, "reason": "对", "score": 0.5}'), "应是整数"),
        (marks('{"criterion": 1, "score": 1, "reason": "对"}'), "应先写 reason"),
        (marks('{"criterion": 3, "reason": "对", "score": 1}'), "1 到 2 的编号"),
        (marks('{"criterion": true, "reason": "对", "score": 1}'), "1 到 2 的编号"),
        (marks(*['{"criterion": 1, "reason": "对", "score": 1}'] * 2), "恰好一次"),
    ],
)
def test_marks_that_do_not_fit_the_criteria_are_refused(told: str, why: str) -> None:
    with pytest.raises(UnreadableReplyError, match=why):
        read_marks(told, [2, 3])


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("答案", "答案"),
        ("<think>想一想</think>\n答案", "答案"),
        ("\n<Thinking>想</Thinking>答案", "答案"),
        ("<think>想个没完", ""),
        ("想完了</think>答案", "答案"),
        ("标签 <think> 和 </think> 是什么意思", "标签 <think> 和 </think> 是什么意思"),
    ],
)
def test_thinking_is_not_said(text: str, said: str) -> None:
    assert spoken(text) == said
