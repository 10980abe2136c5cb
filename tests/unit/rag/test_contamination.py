import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from langchain_core.documents import Document

from errors import ContentError
from eval.corpora import store_texts, training_texts
from knowledge.questions import Question
from rag.contamination import Text, overlaps, question_hash, seen_questions

PAGING = Question(
    "q1", "os",
    "某计算机采用请求分页存储管理，页面大小为 4 KB，逻辑地址空间为 32 位，某进程的驻留集为 3 个页框，采用 LRU 置换算法，访问串为 2、3、2、1、5、2，则缺页次数为",
    ("4", "5", "6", "7"), "A", "", (), 3,
)  # fmt: skip
TOPIC = Question(
    "q2", "cn", "下列关于 TCP 拥塞控制的叙述中，正确的是",
    ("慢开始阶段窗口按指数规律增长", "拥塞避免阶段窗口不变", "快恢复从 1 个 MSS 开始", "超时后门限值不变"), "A", "", (), 2,
)  # fmt: skip
SHORT = Question(
    "q3", "cn", "ARP 的作用是", ("由 IP 地址求 MAC 地址", "由域名求 IP 地址", "分配地址", "转发分组"), "A", "", (), 1
)
EXAM = (PAGING, TOPIC, SHORT)


def told(question: Question) -> str:
    return "\n".join([question.stem, *(f"{letter}. {option}" for letter, option in zip("ABCD", question.options, strict=True))])


def seen(*texts: str, exam: Sequence[Question] = EXAM) -> set[str]:
    found = seen_questions(exam, [Text(text, f"第 {n} 段") for n, text in enumerate(texts, 1)])
    return {question.id for question in exam if question_hash(question) in found}


def test_copied_questions_are_found_with_their_place() -> None:
    texts = [Text("进程是资源分配的单位。", "甲"), Text(f"例题：{told(PAGING)}\n答案：A", "乙"), Text(told(SHORT), "丙")]
    found = seen_questions(EXAM, texts)
    paging, short = found[question_hash(PAGING)], found[question_hash(SHORT)]
    assert (paging.exact, paging.share, paging.where) == (True, 1.0, "乙") and (short.exact, short.where) == (True, "丙")
    assert question_hash(TOPIC) not in found


def test_width_blanks_case_and_punctuation_make_no_difference() -> None:
    assert seen(told(PAGING).replace(" ", "").replace("KB", "ｋｂ").replace("，", ", ").replace("、", "　")) == {"q1"}


def test_options_in_another_order_are_the_same_question() -> None:
    assert seen(*(told(replace(question, options=question.options[::-1])) for question in EXAM)) == {"q1", "q2", "q3"}


def test_the_same_question_with_other_numbers_is_another_one() -> None:
    other = told(PAGING).replace("3 个页框", "4 个页框")
    overlap = overlaps(EXAM, [Text(other, "")])[question_hash(PAGING)]
    assert overlap.share > 0.7 and not overlap.numbers and not overlap.contaminated
    assert seen(other) == set()


def test_a_word_changed_is_the_same_question() -> None:
    changed = told(PAGING).replace("某计算机采用", "设某系统采用").replace("则缺页次数为", "缺页多少次？")
    overlap = overlaps(EXAM, [Text(changed, "")])[question_hash(PAGING)]
    assert 0.7 <= overlap.share < 1 and not overlap.exact and seen(changed) == {"q1"}


def test_half_a_question_is_not_enough() -> None:
    prose = replace(
        TOPIC,
        stem="进程从运行态变为阻塞态是因为它等待某个事件发生而自己让出了处理机，从阻塞态变为就绪态则是因为它等待的事件已经发生",
    )
    assert seen(prose.stem[: len(prose.stem) // 2], exam=[prose]) == set()
    assert seen(prose.stem[:-3], exam=[replace(prose, options=("对", "错", "无", "有"))]) == {"q2"}


def test_a_stem_that_only_names_a_topic_needs_its_options() -> None:
    others = ("窗口由接收方通告", "窗口由路由器通告", "窗口固定", "窗口为 0")
    assert seen(told(replace(TOPIC, options=others))) == set()
    assert seen(told(replace(TOPIC, options=(*others[:3], TOPIC.answer)))) == {"q2"}, "its right option"
    assert seen(told(replace(TOPIC, options=(*others[:2], *TOPIC.options[1:3])))) == {"q2"}, "two other options"
    assert seen(f"{TOPIC.stem}{'。这里说的是别的事' * 100}{TOPIC.answer}") == set(), "too far behind"
    assert seen("ARP 的作用是什么？") == set() and seen(f"ARP 的作用是{SHORT.answer}。") == {"q3"}


def test_phrases_that_the_exam_shares_are_no_sign() -> None:
    phrase = "下列关于计算机系统中各种部件的特点和工作方式以及相互关系的叙述中，正确的是：与"
    ends = ("总线有关的一项", "缓存有关的一项", "外设有关的一项")
    exam = [replace(TOPIC, id=f"p{n}", stem=phrase + end) for n, end in enumerate(ends)]
    found = overlaps(exam, [Text(phrase + "磁盘有关的一项", "")])
    assert not found
    assert seen(told(exam[1]), exam=exam) == {"p1"}


def test_the_place_is_that_of_the_most_of_it() -> None:
    texts = [Text(PAGING.stem[:30], "少"), Text(PAGING.stem[4:80], "多"), Text(PAGING.stem[:20], "再少")]
    assert overlaps(EXAM, texts)[question_hash(PAGING)].where == "多"


FORMS: dict[str, Any] = {
    "messages": {"messages": [{"role": "user", "content": told(PAGING)}, {"role": "assistant", "content": "A"}]},
    "instruction": {"instruction": "选择正确答案", "input": told(PAGING), "output": "A"},
    "conversation": {"conversation": [{"system": "老师", "input": told(PAGING), "output": "A"}]},
    "pair": [told(PAGING), "A"],
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("suffix", [".jsonl", ".json"])
def test_every_form_of_training_data_is_read(tmp_path: Path, form: str, suffix: str) -> None:
    rows = [json.dumps({"text": "别的"}), json.dumps(FORMS[form], ensure_ascii=False)]
    path = tmp_path / f"train{suffix}"
    path.write_text("\n".join(rows) if suffix == ".jsonl" else f"[{rows[0]},\n{rows[1]}\n]", encoding="utf-8")
    assert seen_questions(EXAM, training_texts([path]))[question_hash(PAGING)].where == f"train{suffix} 第 2 行"


def test_running_text_is_read_in_pieces_that_tear_no_question(tmp_path: Path) -> None:
    for shift in (0, 40, 90):
        path = tmp_path / "notes.md"
        path.write_text("推" * (60_000 - shift) + "\n" + told(PAGING) + "\n" + "推" * 70_000, encoding="utf-8")
        assert seen_questions(EXAM, training_texts([path]))[question_hash(PAGING)].exact


def test_items_of_a_json_list_come_one_by_one_and_may_be_long(tmp_path: Path) -> None:
    path = tmp_path / "train.json"
    items = ["甲", ["乙" * 1_500_000, {"x": 12}], 12345, "丙"]
    path.write_text(json.dumps(items, ensure_ascii=False, indent=1)[:-1] + ", 坏", encoding="utf-8")
    texts = training_texts([path])
    assert [len(next(texts).text) for _ in range(4)] == [1, 1_500_000, 0, 1]
    with pytest.raises(ContentError, match="train.json 第 11 行起不是有效的 JSON"):
        next(texts)


def test_one_value_and_an_empty_list_are_read_too(tmp_path: Path) -> None:
    for content, expected in (('{"a": ["甲", {"b": "乙"}]}', ["甲\n乙"]), ("[]", []), (" 12", [""])):
        path = tmp_path / "one.json"
        path.write_text(content, encoding="utf-8")
        assert [text.text for text in training_texts([path])] == expected


def test_files_of_a_folder_are_told_by_their_path_in_it(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    for name in ("a/one.txt", "two.md", "three.pdf", ".hidden.md"):
        (tmp_path / name).write_text("文字", encoding="utf-8")
    assert [text.where for text in training_texts([tmp_path])] == ["a/one.txt 第 1 行起", "two.md 第 1 行起"]


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("bad.jsonl", b'{"a": "b"}\n{"a": \n', "bad.jsonl 第 2 行不是有效的 JSON"),
        ("bad.json", b'[{"a": "b"},\n{"a" "c"}]', "bad.json 第 2 行起不是有效的 JSON"),
        ("more.json", b'["a"] ["b"]', "more.json 第 1 行起不是有效的 JSON"),
        ("empty.json", b"", "empty.json 第 1 行起不是有效的 JSON"),
        ("deep.jsonl", b"[" * 60 + b"]" * 60, "deep.jsonl 第 1 行嵌套超过 40 层"),
        ("deeper.jsonl", b"[" * 200_000, "deeper.jsonl 第 1 行不是有效的 JSON"),
        ("gbk.txt", "页面大小".encode("gbk"), "不是 UTF-8 编码"),
        ("paper.pdf", b"%PDF", "不支持 paper.pdf 的格式"),
    ],
)
def test_what_cannot_be_read_is_told_with_its_place(tmp_path: Path, name: str, content: bytes, message: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(ContentError, match=message):
        list(training_texts([tmp_path / name]))


def test_a_missing_file_and_an_empty_folder_are_told(tmp_path: Path) -> None:
    with pytest.raises(ContentError, match="none.txt"):
        list(training_texts([tmp_path / "none.txt"]))
    with pytest.raises(ContentError, match="里没有 JSON、JSONL、TXT 或 MD 文件"):
        list(training_texts([tmp_path]))


class _Chunks:
    """A store of two passages."""

    def chunks(self) -> Iterator[Document]:
        yield Document("进程是资源分配的单位。", metadata={"source": "os.pdf", "page": 3, "asked": f"什么是进程\n{told(SHORT)}"})
        yield Document(told(PAGING), metadata={"source": "paper.docx", "page": 7})


def test_passages_and_the_questions_kept_with_them_are_looked_into() -> None:
    found = seen_questions(EXAM, store_texts(_Chunks()))  # type: ignore[arg-type]
    assert {found[question_hash(q)].where for q in (SHORT, PAGING)} == {"os.pdf 第 3 页", "paper.docx 第 7 页"}
