"""The command on run folders, written as the exam writes them."""

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from eval.compare import main
from eval.exams.records import RECORDS, Record, Records
from eval.exams.run_folder import config_hash, open_folder
from eval.exams.samples import Sample
from knowledge.questions import Question
from rag.contamination import question_hash

CONFIG: dict[str, Any] = {
    "model": "openai:甲", "baseline": False, "fingerprint": "f1", "source": "题库", "questions": "d", "modes": ["gen"],
    "rag": [False], "shots": 0, "rotations": [0], "examples": "", "max_tokens": 1024, "chat_template": False, "method": "m",
    "knowledge": "",
}  # fmt: skip
QUESTIONS = [
    Question(f"{s}-{i:02}", s, f"{s} 的第 {i} 个问题是哪一项？", ("甲", "乙", "丙", str(i)), "ABCD"[i % 4], "", (), 2)
    for s in ("ds", "co", "os", "cn")
    for i in range(12)
]
Right = Callable[[int], bool]


def answered(sample: Sample, right: bool, config: str) -> Record:
    letter = sample.gold if right else "ABCD"[("ABCD".index(sample.gold) + 1) % 4]
    q = sample.question
    return Record(
        q.id, question_hash(q), config, q.subject, sample.rotation, sample.mode, sample.rag, "p", f"答案：{letter}", letter,
        sample.original(letter), sample.gold, right,
    )  # fmt: skip


def write(
    folder: Path,
    right: Right,
    *,
    questions: Sequence[Question] = QUESTIONS,
    ways: Sequence[tuple[str, bool]] = (("gen", False),),
    rotations: Sequence[int] = (0,),
    pending: Sequence[int] = (),
    **config: Any,
) -> Path:
    """A run whose question `i` is right where `right(i)`; with retrieval also every third one."""
    modes, rag = list(dict.fromkeys(m for m, _ in ways)), list(dict.fromkeys(r for _, r in ways))
    whole = CONFIG | {"modes": modes, "rag": rag, "rotations": list(rotations), "questions": f"{len(questions)}"} | config
    with open_folder(folder, whole, questions) as path:
        records = Records(path)
    for i, question in enumerate(questions):
        for mode, with_rag in ways:
            for rotation in rotations:
                if i not in pending:
                    told = right(i) or (with_rag and i % 3 == 0)
                    records.add(answered(Sample(question, rotation, mode, with_rag), told, config_hash(whole)))
    records.close()
    return folder


def half(i: int) -> bool:
    return i % 2 == 0


def most(i: int) -> bool:
    return i % 8 != 0


def told(capsys: pytest.CaptureFixture[str], *arguments: object, status: int = 0) -> str:
    assert main([str(a) for a in arguments]) == status
    captured = capsys.readouterr()
    return captured.err if status else captured.out


def as_json(capsys: pytest.CaptureFixture[str], *arguments: object) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(told(capsys, *arguments, "--json").splitlines()[-1])["comparisons"]
    return found


def test_two_runs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    a, b = write(tmp_path / "a", half), write(tmp_path / "b", most, model="openai:乙", fingerprint="f2")
    (found,) = as_json(capsys, a, b)
    rows = {row["subject"]: row for row in found["rows"]}
    assert list(rows) == ["all", "ds", "co", "os", "cn"]
    assert (rows["all"]["n"], rows["all"]["gains"], rows["all"]["losses"]) == (48, 24, 6)
    assert rows["all"]["difference"] == 0.375 and rows["all"]["verdict"] == "显著更高"
    assert found["before"] == {"run": str(a), "mode": "gen", "rag": False, "model": "openai:甲"}
    assert found["differing"] == [{"name": "模型", "before": "openai:甲", "after": "openai:乙"}]
    assert len(found["gains"]) == 24 and len(found["losses"]) == 6
    assert found["gains"][0] == {
        "id": "ds-01", "subject": "ds", "stem": "ds 的第 1 个问题是哪一项？", "rotation": 0, "key": "B", "before": "C", "after": "B",
    }  # fmt: skip


def test_the_terminal_shows_a_table_and_the_first_ten(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = told(capsys, write(tmp_path / "a", half), write(tmp_path / "b", most, model="openai:乙"))
    assert "两边只有一处不同：模型（openai:甲 → openai:乙）。" in out
    assert re.search(r"^全部 +48 +50\.0% +87\.5% +\+37\.5 +\+18\.8 到 \+5\d\.\d +24 +6 +0\.001 +— +显著更高$", out, re.MULTILINE)
    assert "错→对：24 题，前 10 题：" in out and out.count("（答案 ") == 16
    assert "  ds-01  数据结构  C → B（答案 B）  ds 的第 1 个问题是哪一项？" in out
    assert "对→错：6 题：" in out and "没有计入" not in out


def test_one_run_is_compared_without_and_with_retrieval_in_each_mode(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    ways = [("gen", False), ("gen", True), ("logprob", False), ("logprob", True), ("evidence", True)]
    run = write(tmp_path / "a", half, ways=ways, knowledge="k")
    found = as_json(capsys, run)
    assert [(one["before"]["mode"], one["before"]["rag"], one["after"]["rag"]) for one in found] == [
        ("gen", False, True), ("logprob", False, True),
    ]  # fmt: skip
    assert all(one["differing"] == [{"name": "检索", "before": "off", "after": "on"}] for one in found)
    assert found[0]["rows"][0]["gains"] == 8 and found[0]["rows"][0]["losses"] == 0
    assert len(as_json(capsys, f"{run}:logprob")) == 1


def test_a_run_without_both_ways_has_nothing_to_compare_within(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    error = told(capsys, write(tmp_path / "a", half), status=2)
    assert "--rag both" in error and "再给出一个评测目录" in error


def test_one_way_is_picked_by_its_name(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    both = write(tmp_path / "a", half, ways=[("gen", False), ("gen", True)], knowledge="k")
    plain = write(tmp_path / "b", half)
    error = told(capsys, plain, both, status=2)
    assert f"{both}:gen:off、{both}:gen:on" in error
    for spec in (f"{both}:gen:on", f"{both}:on"):
        (found,) = as_json(capsys, plain, spec)
        assert found["after"]["rag"] is True
    assert f"里面有：{plain}:gen:off" in told(capsys, f"{both}:on", f"{plain}:logprob:off", status=2)


def test_a_folder_may_be_called_like_a_spec(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    a, b = write(tmp_path / "x:on", half), write(tmp_path / "b", most)
    assert as_json(capsys, a, b)[0]["before"]["run"] == str(a)
    assert as_json(capsys, f"{a}:gen:off", b)[0]["before"]["rag"] is False


def test_several_runs_stand_in_one_table(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    runs = [write(tmp_path / "a", half), write(tmp_path / "b", most, model="乙"), write(tmp_path / "c", half, shots=5)]
    out = told(capsys, *runs)
    assert out.count("95% 区间") == 1 and len(re.findall(r"^[12] 全部 ", out, re.MULTILINE)) == 2
    assert "有 2 组对比：p 没有在组与组之间校正" in out and "抽样估不出区间" in out
    assert re.search(r"^2 全部 +48 +50\.0% +50\.0% +\+0\.0 +— +0 +0 +1\.000 +— +无法判定$", out, re.MULTILINE)


def test_all_that_differs_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    a = write(tmp_path / "a", half)
    b = write(tmp_path / "b", half, model="乙", fingerprint="f2", shots=5, examples="e", max_tokens=64, seen="new")
    note = as_json(capsys, a, b)[0]["notes"][0]
    assert note.startswith("注意：两边有 4 处不同：模型（openai:甲 → 乙）；示例（--shots）（0 → 5）；")
    assert "回答长度（TUTOR_CHAT_MAX_TOKENS）（1024 → 64）；seen（无 → new）" in note and "任何一处" in note


@pytest.mark.parametrize(
    ("changed", "ways", "name"),
    [
        ({"fingerprint": "f2"}, [("gen", False)], "模型文件或接口"),
        ({"method": "m2"}, [("gen", False)], "作答方法"),
        ({"knowledge": "k2"}, [("gen", True)], "知识库"),
        ({"knowledge": "k2", "created": "2027", "source": "别处"}, [("gen", False)], ""),
        ({"endpoint": "http://a/v1"}, [("gen", False)], ""),
        ({"max_tokens": 9, "chat_template": True}, [("logprob", False)], "对话模板（--chat-template）"),
        ({}, [("gen", False)], ""),
    ],
)
def test_only_what_bears_on_the_answers_is_a_difference(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], changed: dict[str, Any], ways: list[tuple[str, bool]], name: str
) -> None:
    a, b = write(tmp_path / "a", half, ways=ways), write(tmp_path / "b", half, ways=ways, **changed)
    (found,) = as_json(capsys, a, b)
    assert [one["name"] for one in found["differing"]] == [name] * bool(name)
    assert ("设置相同" in found["notes"][0]) is not bool(name)


def test_another_address_of_the_same_model_is_one_difference(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    here: dict[str, Any] = {"endpoint": "http://a/v1", "temperature": 0.0}
    a = write(tmp_path / "a", half, **here)
    there = write(tmp_path / "b", half, **here | {"endpoint": "http://b/v1", "fingerprint": "f2"})
    assert "接口地址（http://a/v1 → http://b/v1）。" in as_json(capsys, a, there)[0]["notes"][0]
    other = write(tmp_path / "c", half, **here | {"endpoint": "http://b/v1", "fingerprint": "f2", "model": "乙"})
    assert [one["name"] for one in as_json(capsys, a, other)[0]["differing"]] == ["模型"]


def test_rotations_and_subjects_have_names_in_markdown(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    a = write(tmp_path / "a", lambda i: False, rotations=range(4))
    b = write(tmp_path / "b", lambda i: True, rotations=range(4), model="乙")
    lines = (a / RECORDS).read_bytes().splitlines(keepends=True)
    (a / RECORDS).write_bytes(b"".join(lines[1:]))  # the order as it stands is pending for ds-00
    told(capsys, a, b, "--out", tmp_path / "x.md")
    text = (tmp_path / "x.md").read_text(encoding="utf-8")
    assert "| 题号 | 科目 | 题干 | 选项顺序 | 答案 | 基线 | 对照 |" in text and "- 对比 1：基线 openai:甲" in text
    assert re.search(r"^\| ds-00 \| 数据结构 \| .* \| 轮换 1 \| A \|", text, re.MULTILINE)
    assert re.search(r"^\| os-00 \| 操作系统 \| .* \| 原顺序 \| A \|", text, re.MULTILINE)


def test_a_retrieval_baseline_is_no_model(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    base = write(tmp_path / "a", half, ways=[("evidence", True)], baseline=True, model="extractive", knowledge="k", method="e")
    other = write(tmp_path / "c", half, ways=[("evidence", True)], baseline=True, model="extractive", knowledge="k2", method="e")
    model = write(tmp_path / "b", most)
    assert "检索基线不是模型：基线是检索基线" in told(capsys, base, model)
    assert "检索基线不是模型：对照是检索基线" in told(capsys, model, base)
    assert "检索基线不是模型：两边都是检索基线" in told(capsys, base, other)
    (found,) = as_json(capsys, base, model)
    assert [one["name"] for one in found["differing"]] == ["方式", "检索", "模型"]


def test_questions_of_one_run_only_and_pending_ones_are_counted_and_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    a = write(tmp_path / "a", half, questions=QUESTIONS[:40], pending=[3, 4])
    b = write(tmp_path / "b", most, questions=QUESTIONS[12:], pending=[5])
    (found,) = as_json(capsys, a, b)
    assert found["rows"][0]["n"] == 27 and found["pending_after"] == ["co-05"] and found["pending_before"] == []
    assert found["differing"] == [], "that other questions were asked is no cause of another answer"
    assert found["only_before"] == [q.id for q in QUESTIONS[:12]] and found["only_after"] == [q.id for q in QUESTIONS[40:]]
    out = told(capsys, a, b)
    assert "只有基线考了的题，没有计入：12 道（ds-00、" in out and "ds-09 等）" in out
    assert "对照还没有答完的题，缺的作答没有计入：1 道（co-05）" in out
    c = write(tmp_path / "c", most, pending=[3])
    assert as_json(capsys, c, b)[0]["only_before"] == [q.id for q in QUESTIONS[:12]]
    assert as_json(capsys, c, a)[0]["pending_before"] == ["ds-03"]
    assert as_json(capsys, c, a)[0]["pending_after"] == ["ds-03", "ds-04"]


def test_rotations(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    a, b = write(tmp_path / "a", half, rotations=range(4)), write(tmp_path / "b", most, rotations=range(4), model="乙")
    (found,) = as_json(capsys, a, b)
    assert (found["rows"][0]["n"], found["rows"][0]["askings"], found["rows"][0]["gains"]) == (48, 192, 24)
    assert "因为检验要求各对独立" in found["notes"][-1]
    once = write(tmp_path / "c", most, model="乙")
    lines = (a / RECORDS).read_bytes().splitlines(keepends=True)
    (a / RECORDS).write_bytes(b"".join([*lines[:3], *lines[4:]]))  # the last rotation of ds-00 is pending
    assert as_json(capsys, a, b)[0]["pending_before"] == ["ds-00"]
    (found,) = as_json(capsys, a, once)
    assert found["rows"][0]["askings"] == 48 and found["pending_before"] == found["pending_after"] == []
    assert found["notes"][-1] == "两边的选项顺序不同，只比较都有的：原顺序。"


def test_other_questions_can_not_be_compared(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    a, b = write(tmp_path / "a", half, questions=QUESTIONS[:9]), write(tmp_path / "b", half, questions=QUESTIONS[9:])
    assert "没有相同的题" in told(capsys, a, b, status=2)
    moved = [replace(q, options=(q.options[1], q.options[0], *q.options[2:])) for q in QUESTIONS[:9]]
    assert "没有相同的题" in told(capsys, a, write(tmp_path / "c", half, questions=moved), status=2)
    unfinished = [write(tmp_path / "d", half, pending=range(24)), write(tmp_path / "e", half, pending=range(24, 48))]
    assert "没有一道是两边都答过的" in told(capsys, *unfinished, status=2)


def test_a_run_is_not_compared_with_itself(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    a = write(tmp_path / "a", half)
    assert "同一次评测的同一种作答方式" in told(capsys, a, f"{a}:gen:off", status=2)
    (tmp_path / "b").symlink_to(a)
    assert "同一次评测的同一种作答方式" in told(capsys, a, tmp_path / "b", status=2)


def test_folders_that_are_no_runs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    a, b = write(tmp_path / "a", half), write(tmp_path / "b", most)
    assert f"没有目录 {tmp_path / 'nowhere'}" in told(capsys, a, f"{tmp_path / 'nowhere'}:gen:on", status=2)
    (tmp_path / "empty").mkdir()
    assert "不是评测的目录" in told(capsys, a, tmp_path / "empty", status=2)
    (b / RECORDS).write_bytes(b'{"half')
    assert "还没有一条作答记录" in told(capsys, a, b, status=2)
    (b / RECORDS).unlink()
    assert "没有 records.jsonl" in told(capsys, a, b, status=2)
    assert "不能是空的" in told(capsys, a, "", status=2)


def test_damaged_files(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    a, b = write(tmp_path / "a", half), write(tmp_path / "b", most)
    lines = (b / RECORDS).read_text(encoding="utf-8").splitlines()
    (b / RECORDS).write_text("\n".join([*lines[:4], lines[4][:30], *lines[5:], ""]), encoding="utf-8")
    assert "records.jsonl 第 5 行不是答题记录" in told(capsys, a, b, status=1)
    other = json.loads(lines[0]) | {"config": "another"}
    (b / RECORDS).write_text("\n".join([*lines[1:], json.dumps(other), ""]), encoding="utf-8")
    assert "混有另一种设置的记录（1 条，如 ds-00）" in told(capsys, a, b, status=1)
    (a / "questions.jsonl").write_bytes(b"\xff\xfe")
    assert "questions.jsonl" in told(capsys, a, b, status=1)
    (a / "config.json").write_text("[]")
    assert "config.json 已损坏" in told(capsys, a, b, status=2)


def test_markdown_lists_every_change_and_escapes_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    hostile = [replace(QUESTIONS[1], stem="a|b <img src=x> `c`\n\x9b31m![d](http://e) " + "长" * 99), *QUESTIONS[2:]]
    a, b = write(tmp_path / "a", lambda i: False, questions=hostile), write(tmp_path / "b", lambda i: True, questions=hostile)
    out = tmp_path / "reports" / "x.md"
    terminal = told(capsys, a, b, "--out", out)
    assert "\x9b" not in terminal and f"已写入 {out}" in terminal
    text = out.read_text(encoding="utf-8")
    assert "### 错→对：47 题" in text and "### 对→错：0 题" in text
    rows = [line for line in text.splitlines() if re.match(r"\| (ds|co|os|cn)-", line)]
    assert len(rows) == 47 and all(len(re.findall(r"(?<!\\)\|", row)) == 8 for row in rows)
    assert rows[0].startswith(r"| ds-01 | 数据结构 | a\|b \<img src=x\> \`c\` 31m\!\[d\](http://e) 长") and "…" in rows[0]
    assert re.search(r"^\| 全部 \| 47 \| 0\.0% \| 100\.0% \| \+100\.0 \| — \| 47 \| 0 \|", text, re.MULTILINE)


def test_out_replaces_a_report_and_nothing_else(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    a, b, out = write(tmp_path / "a", half), write(tmp_path / "b", most), tmp_path / "x.md"
    told(capsys, a, b, "--out", out)
    first = out.read_text(encoding="utf-8")
    told(capsys, a, b, "--out", out)
    assert out.read_text(encoding="utf-8") == first
    out.write_text("# 我的笔记", encoding="utf-8")
    assert "不会覆盖它" in told(capsys, a, b, "--out", out, status=2) and out.read_text(encoding="utf-8") == "# 我的笔记"
    assert "要写成 .md 文件" in told(capsys, a, b, "--out", b / RECORDS, status=2)
    (tmp_path / "file").write_text("")
    assert "写不了" in told(capsys, a, b, "--out", tmp_path / "file" / "x.md", status=2)


def test_an_answer_that_was_not_read_shows_its_reason(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    a, b = write(tmp_path / "a", lambda i: True), write(tmp_path / "b", lambda i: True, model="乙")
    rows = [json.loads(line) for line in (b / RECORDS).read_text(encoding="utf-8").splitlines()]
    rows[0] |= {"parsed": None, "chosen": None, "correct": False, "reason": "写了几个不同的选项\x1b[2J"}
    (b / RECORDS).write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    (found,) = as_json(capsys, a, b)
    assert found["losses"][0]["before"] == "A" and found["losses"][0]["after"] == "写了几个不同的选项[2J"


def test_help_and_wrong_usage_are_chinese(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        main([])
    assert stop.value.code == 2 and "缺少 RUN" in capsys.readouterr().err
