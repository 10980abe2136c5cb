import errno
import json
import os
import re
import unicodedata
from pathlib import Path

import pytest

from errors import ContentError, UsageError
from knowledge.bank import BANK, Bank, read_bank, read_banks, write_questions
from knowledge.bank_command import main
from knowledge.questions import Question

ROW = {
    "id": "q1", "subject": "os", "question": "甲？", "options": {"A": "a", "B": "b", "C": "c", "D": "d"}, "answer": "B",
    "explanation": "乙。", "points": ["os.3.9"], "difficulty": 2,
}  # fmt: skip
PART = {"question": "(1)", "answer": "3", "marking": [{"score": 2, "criterion": "得 3"}, {"score": 6, "criterion": "过程"}]}
PROBLEM = {"id": "p1", "subject": "os", "question": "设……", "parts": [PART], "score": 8, "points": ["os.3.9"], "difficulty": 3}
EXAM = "1. 进程{}？\nA. a\nB. b\nC. c\nD. d\n答案：A\n"


def jsonl(*rows: object) -> str:
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def test_jsonl_round_trip(write, tmp_path: Path) -> None:
    bank = read_bank(write("a.jsonl", jsonl(ROW)))
    out = tmp_path / "new" / "b.jsonl"
    write_questions(bank.questions, out)
    assert json.loads(out.read_text(encoding="utf-8")) == ROW
    assert [p.name for p in out.parent.iterdir()] == ["b.jsonl"], "no draft is left"
    assert read_bank(out).questions == bank.questions


def test_rows_that_lack_what_can_be_known(write) -> None:
    path = write("操作系统.jsonl", jsonl({"question": "甲？", "A": "a", "B": "b", "C": "c", "D": "d", "answer": "A"},
                                     {"question": "乙？", "options": ["a", "b", "c", "d"], "answer": "D"}))  # fmt: skip
    first, second = read_bank(path).questions
    assert (first.subject, first.options, second.key) == ("os", ("a", "b", "c", "d"), "D")
    assert first.id != second.id


def test_bad_rows_are_named_and_the_rest_is_read(write) -> None:
    text = jsonl(ROW) + "{坏\n[1]\n" + jsonl(ROW | {"answer": "E"}, ROW | {"subject": "xx"}, {"id": "x", "subject": "os"})
    bank = read_bank(write("a.jsonl", text))
    assert len(bank.questions) == 1
    assert [u.place for u in bank.unread] == [f"a.jsonl 第 {n} 行" for n in range(2, 7)]
    assert "JSON" in bank.unread[0].reason and "“E”" in bank.unread[2].reason and "options" in bank.unread[4].reason


def test_a_bank_is_written_whole_or_not_at_all(write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(path: Path, text: str, **_: object) -> int:
        with path.open("w", encoding="utf-8") as file:
            file.write(text[:20])
        raise OSError(errno.ENOSPC, "No space left on device")

    bank = read_bank(write("a.jsonl", jsonl(ROW)))
    before = write("out/b.jsonl", "以前的")
    monkeypatch.setattr(Path, "write_text", full)
    with pytest.raises(UsageError, match="写不了 .*b.jsonl：磁盘已满"):
        write_questions(bank.questions, before)
    assert [(p.name, p.read_text(encoding="utf-8")) for p in before.parent.iterdir()] == [("b.jsonl", "以前的")]


def test_places_that_nothing_can_be_written_to(write) -> None:
    bank = read_bank(write("a.jsonl", jsonl(ROW)))
    with pytest.raises(UsageError, match="写不了 .*路径里有一段不是文件夹"):
        write_questions(bank.questions, write("file", "x") / "b.jsonl")
    with pytest.raises(UsageError, match="写不了 .*它是文件夹"):
        write_questions(bank.questions, write("folder/x", "x").parent)
    assert sorted(p.name for p in write("z", "x").parent.iterdir()) == ["a.jsonl", "file", "folder", "z"], "no draft is left"


def test_the_subject_of_one_short_question_is_guessed_from_its_terms(write) -> None:
    exam = "1. 路由器依据什么转发？\nA. a B. b C. c D. d\n答案：A\n"
    assert [q.subject for q in read_bank(write("期末.txt", exam)).questions] == ["cn"]


def test_ids_that_are_made_are_unique_over_all_files(write) -> None:
    paths = [
        write("x/os.txt", EXAM.format("同步") + EXAM.format("调度")),
        write("y/os.txt", EXAM.format("互斥")),
        write("z/os.csv", "id,question,A,B,C,D,answer\n1,甲,1,2,3,4,A\n1,乙,1,2,3,4,B\n"),
        write("z/a.jsonl", jsonl(ROW | {"id": "os-1"}, ROW, ROW)),
        *(write(f"{folder}/os.jsonl", jsonl({k: v for k, v in ROW.items() if k != "id"})) for folder in "xy"),
    ]
    bank = read_banks(paths)
    assert not bank.unread
    assert [q.id for q in bank.questions] == [
        "os-1-2", "os-1-3", "os-1-4", "os-1-5", "os-1-6", "os-1", "q1", "q1", "os.jsonl第1行", "os.jsonl第1行-2",
    ]  # fmt: skip
    assert [q.stem for q in bank.questions[:5]] == ["进程同步？", "进程调度？", "进程互斥？", "甲", "乙"]


def test_an_id_from_a_file_name_that_is_no_text_can_be_written(write, tmp_path: Path) -> None:
    write("a/x", "")
    path = tmp_path / "files" / "a" / os.fsdecode(b"\xff.txt")
    path.write_text(EXAM.format("同步"), encoding="utf-8")
    write_questions(read_bank(path, "os").questions, tmp_path / "out.jsonl")
    assert [q.id for q in read_bank(tmp_path / "out.jsonl").questions] == ["?-1"]


def test_a_folder_is_read_past_what_is_no_file_of_a_bank(write, tmp_path: Path) -> None:
    folder = write("f/a.jsonl", jsonl(ROW)).parent
    write("f/~$a.txt", "Word 的锁文件")
    write("f/.b.txt", "隐藏")
    write("f/c.pdf", "别的格式")
    write("f/sub.txt/d.jsonl", jsonl(ROW | {"id": "q2"}))
    (folder / "e.jsonl").symlink_to(tmp_path / "nothing")
    os.mkfifo(folder / "pipe.csv")
    bank = read_bank(folder)
    assert [q.id for q in bank.questions] == ["q1", "q2"]
    assert [(u.place, u.reason[:8]) for u in bank.unread] == [("e.jsonl", "读不了：没有这个"), ("pipe.csv", "不是普通文件，没")]


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (PermissionError(errno.EACCES, "Permission denied"), "读不了：没有权限"),
        (IsADirectoryError(errno.EISDIR, "Is a directory"), "读不了：它是文件夹"),
        (OSError(errno.EIO, "Input/output error"), f"读不了：系统错误 {errno.EIO}"),
        (KeyError("x"), "读取时出错（KeyError）"),
    ],
)
def test_a_file_that_cannot_be_read_stops_no_other(write, monkeypatch: pytest.MonkeyPatch, error: Exception, reason: str) -> None:
    def read_bytes(path: Path) -> bytes:
        if path.name == "a.jsonl":
            raise error
        with path.open("rb") as file:
            return file.read()

    write("a.jsonl", jsonl(ROW))
    folder = write("b.jsonl", jsonl(ROW)).parent
    monkeypatch.setattr(Path, "read_bytes", read_bytes)
    bank = read_bank(folder)
    assert [(u.place, u.reason.startswith(reason)) for u in bank.unread] == [("a.jsonl", True)]
    assert bank.places == ["b.jsonl 第 1 行"]


def test_a_damaged_docx_stops_nothing_else(write) -> None:
    write("a.jsonl", jsonl(ROW))
    bank = read_bank(write("b.docx", b"PK no").parent)
    assert len(bank.questions) == 1
    assert bank.unread[0].place == "b.docx" and "DOCX" in bank.unread[0].reason


def test_what_is_no_bank_says_what_to_do(write, tmp_path: Path) -> None:
    with pytest.raises(ContentError, match="没有找到题库"):
        read_bank(tmp_path / "none")
    with pytest.raises(ContentError, match="另存为 .docx"):
        read_bank(write("a.doc", "x"))
    assert "没有找到题目" in read_bank(write("a.txt", "只有一段话。")).unread[0].reason
    assert "--subject" in read_bank(write("b.txt", "1. 甲？\nA. a B. b C. c D. d\n答案：A")).unread[0].reason


def test_problems_stand_beside_questions(write) -> None:
    bare = {k: v for k, v in PROBLEM.items() if k != "score"}
    bank = read_bank(write("a.jsonl", jsonl(ROW, bare, PROBLEM | {"score": 9}, PROBLEM | {"parts": [PART | {"marking": []}]})))
    assert [p.score for p in bank.problems] == [8]
    assert bank.problems[0].to_json() == PROBLEM
    assert "相加是 8" in bank.unread[0].reason and "评分点" in bank.unread[1].reason


class TestCommand:
    def test_import_reports_what_it_could_not_read(self, write, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        exam = write("操作系统.txt", "1. 甲？\nA. a B. b C. c D. d\n答案：A\n2. 论述死锁。\n")
        out = tmp_path / "bank.jsonl"
        assert main(["import", str(exam), "--out", str(out)]) == 1
        shown = capsys.readouterr().out
        assert "读到 1 道单项选择题、0 道综合应用题" in shown and "第 2 题（第 4 行）" in shown
        assert [q.key for q in read_bank(out).questions] == ["A"]
        assert main(["import", str(exam), "--out", str(out)]) == 2, "an existing bank is not overwritten"
        assert "不会覆盖" in capsys.readouterr().err

    def test_check_tells_faults_by_its_exit_status(self, write, capsys: pytest.CaptureFixture[str]) -> None:
        assert main(["check", str(write("a.jsonl", jsonl(ROW)))]) == 0
        assert re.search(r"操作系统 +1 ", capsys.readouterr().out)
        assert main(["check", str(write("b.jsonl", jsonl(ROW, ROW))), "--json"]) == 1
        assert {f["what"] for f in json.loads(capsys.readouterr().out)["duplicates"]} == {
            "编号出现了 2 次",
            "与 b.jsonl 第 1 行 的 q1 重复",
        }
        assert main(["check", "/没有"]) == 1

    def test_the_columns_of_a_check_stand_below_their_heads(self, write, capsys: pytest.CaptureFixture[str]) -> None:
        rows = [ROW | {"id": str(n), "question": "甲" * (n + 2)} for n in range(12)] + [ROW | {"id": "x", "subject": "co"}]
        main(["check", str(write("a.jsonl", jsonl(*rows, PROBLEM)))])
        table = capsys.readouterr().out.split("\n\n")[1].splitlines()
        wide = [
            re.sub(r"[^\x00-\x7f]", lambda c: c[0] * (1 + (unicodedata.east_asian_width(c[0]) in "WF")), line) for line in table
        ]
        assert [line.split()[0] for line in table] == ["科目", "计算机组成原理", "操作系统"]
        ends = [[m.end() for m in re.finditer(r"\S+(?: \S+)*", line)][1:] for line in wide]
        assert len(ends[0]) == 7 and ends[0] == ends[1] == ends[2], table

    def test_coverage_is_told_of_the_shipped_bank_or_on_demand(self, write, capsys: pytest.CaptureFixture[str]) -> None:
        path = str(write("a.jsonl", jsonl(ROW)))
        main(["check", path])
        assert "考点" not in capsys.readouterr().out
        main(["check", path, "--coverage"])
        assert "没有题目和题族的考点：" in capsys.readouterr().out
        assert main(["check", os.path.relpath(BANK)]) == 0
        assert "没有题目和题族的考点：无" in capsys.readouterr().out

    def test_a_link_to_itself_is_no_bank(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        (tmp_path / "a.jsonl").symlink_to("a.jsonl")
        assert main(["check", str(tmp_path / "a.jsonl")]) == 1
        assert "a.jsonl：读不了" in capsys.readouterr().out

    def test_import_writes_problems_too(self, write, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        out = tmp_path / "bank.jsonl"
        assert main(["import", str(write("a.jsonl", jsonl(PROBLEM, ROW))), "--out", str(out)]) == 0
        assert "读到 1 道单项选择题、1 道综合应用题，已写入" in capsys.readouterr().out
        assert [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()] == [ROW, PROBLEM]
        assert main(["import", str(write("p.jsonl", jsonl(PROBLEM))), "--out", str(tmp_path / "p.jsonl")]) == 0
        assert [p.id for p in read_bank(tmp_path / "p.jsonl").problems] == ["p1"]

    def test_import_of_papers_with_one_name(self, write, tmp_path: Path) -> None:
        papers = [str(write(f"{folder}/os.txt", EXAM.format(word)).parent) for folder, word in (("x", "同步"), ("y", "互斥"))]
        out = tmp_path / "bank.jsonl"
        assert main(["import", *papers, "--out", str(out)]) == 0
        assert [(q.id, q.stem) for q in read_bank(out).questions] == [("os-1", "进程同步？"), ("os-1-2", "进程互斥？")]

    def test_json_of_an_import_has_all_that_was_not_read(self, write, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        out = tmp_path / "bank.jsonl"
        assert main(["import", str(write("a.jsonl", jsonl(ROW, PROBLEM, 1))), "--out", str(out), "--json"]) == 1
        assert json.loads(capsys.readouterr().out) == {
            "questions": 1,
            "problems": 1,
            "unread": [{"place": "a.jsonl 第 3 行", "reason": "不是 JSON 对象。每行应是一道题"}],
            "out": str(out),
        }

    def test_an_import_that_cannot_be_written(self, write, capsys: pytest.CaptureFixture[str]) -> None:
        bank = write("a.jsonl", jsonl(ROW))
        assert main(["import", str(bank), "--out", str(bank / "b.jsonl")]) == 2
        assert "写不了" in capsys.readouterr().err
        link = bank.parent / "link.jsonl"
        link.symlink_to(bank.parent / "nothing")
        assert main(["import", str(bank), "--out", str(link)]) == 2, "a link that leads nowhere is something too"
        assert link.is_symlink()

    def test_check_lists_the_faults(self, write, capsys: pytest.CaptureFixture[str]) -> None:
        assert main(["check", str(write("b.jsonl", jsonl(ROW, ROW | {"answer": "E"}, ROW)))]) == 1
        shown = capsys.readouterr().out
        assert "问题：1\n" in shown and "重复：2\n" in shown
        for fault in ("b.jsonl 第 2 行：答案“E”不是", "q1：编号出现了 2 次", "b.jsonl 第 3 行：与 b.jsonl 第 1 行 的 q1 重复"):
            assert f"  {fault}" in shown

    def test_nothing_readable_writes_nothing(self, write, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        assert main(["import", str(write("a.txt", "空话")), "--out", str(tmp_path / "x.jsonl")]) == 1
        assert not (tmp_path / "x.jsonl").exists()
        assert "没有读到可用的题目" in capsys.readouterr().err


def test_questions_know_their_places() -> None:
    bank = Bank([Question("i", "os", "s", ("a", "b", "c", "d"), "A", "", (), 3)], places=["here"])
    assert len(bank.entries) == len(bank.places) == 1
