import json
from pathlib import Path

import docx
import pytest

from errors import ContentError
from knowledge.bank import Bank, read_bank, write_questions
from knowledge.bank_command import main
from knowledge.questions import Question

ROW = {
    "id": "q1", "subject": "os", "question": "甲？", "options": {"A": "a", "B": "b", "C": "c", "D": "d"}, "answer": "B",
    "explanation": "乙。", "points": ["os.3.9"], "difficulty": 2,
}  # fmt: skip


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


def test_csv_in_the_columns_of_ceval_and_cmmlu(write) -> None:
    ceval = 'id,question,A,B,C,D,answer,explanation\n0,"甲，\n乙？",1,2,3,4,C,丙\n1,丁？,1,2,3,4,,\n2,戊？,1,,3,4,A,\n'
    bank = read_bank(write("operating_system_dev.csv", ceval.encode("gb18030")))
    (question,) = bank.questions
    assert (question.id, question.subject, question.stem, question.key) == ("operating_system_dev-0", "os", "甲，\n乙？", "C")
    assert [u.reason for u in bank.unread] == ["没有答案", "B 是空的"]
    cmmlu = ",Question,A,B,C,D,Answer\n0,路由器转发分组依据的路由表怎样得到？,1,2,3,4,b\n"
    (question,) = read_bank(write("x.csv", cmmlu), "cn").questions
    assert (question.key, question.subject) == ("B", "cn")
    assert "缺少列 answer" in read_bank(write("y.csv", "question,A,B,C,D\n")).unread[0].reason


def paper(path: Path) -> Path:
    """A Word exam whose second question has the numbers and letters of Word's lists, its options in a table."""
    document = docx.Document()
    for line in (
        "### 线性表 (1-1)",
        "1. 顺序表中按序号取元素的时间是？",
        "   A. O(1) B. O(n) C. O(log n) D. O(n^2)",
        "   **答案：A**",
    ):
        document.add_paragraph(line)
    _add_list(document)
    document.save(str(path))
    return path


def _add_list(document) -> None:
    from docx.oxml import parse_xml
    from docx.oxml.ns import nsdecls

    root = document.part.numbering_part.element
    for n, (form, pattern, start) in enumerate((("decimal", "%1．", 2), ("upperLetter", "%1.", 1)), 90):
        root.insert(0, parse_xml(
            f'<w:abstractNum {nsdecls("w")} w:abstractNumId="{n}"><w:lvl w:ilvl="0"><w:start w:val="{start}"/>'
            f'<w:numFmt w:val="{form}"/><w:lvlText w:val="{pattern}"/></w:lvl></w:abstractNum>'
        ))  # fmt: skip
        root.append(parse_xml(f'<w:num {nsdecls("w")} w:numId="{n}"><w:abstractNumId w:val="{n}"/></w:num>'))

    def numbered(paragraph, text: str, number: int) -> None:
        paragraph.add_run(text)
        properties = paragraph._p.get_or_add_pPr().get_or_add_numPr()
        properties.get_or_add_ilvl().val, properties.get_or_add_numId().val = 0, number

    numbered(document.add_paragraph(), "带头结点的单链表为空的条件是？", 90)
    cells = document.add_table(2, 2)._cells
    for cell, text in zip(cells, ("head == NULL", "head->next == NULL", "head != NULL", "head->next == head"), strict=True):
        numbered(cell.paragraphs[0], text, 91)
    document.add_paragraph("答案：B")


def test_docx_with_typed_and_with_automatic_numbers(tmp_path: Path) -> None:
    bank = read_bank(paper(tmp_path / "数据结构.docx"))
    assert [(q.id, q.subject, q.key, q.options[1]) for q in bank.questions] == [
        ("数据结构-1", "ds", "A", "O(n)"), ("数据结构-2", "ds", "B", "head->next == NULL"),
    ]  # fmt: skip
    assert not bank.unread


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
    part = {"question": "(1)", "answer": "3", "marking": [{"score": 2, "criterion": "得 3"}, {"score": 6, "criterion": "过程"}]}
    problem = {"id": "p1", "subject": "os", "question": "设……", "parts": [part], "points": [], "difficulty": 3}
    bank = read_bank(write("a.jsonl", jsonl(ROW, problem, problem | {"score": 9}, problem | {"parts": [part | {"marking": []}]})))
    assert [p.score for p in bank.problems] == [8]
    assert bank.problems[0].to_json() == problem | {"score": 8}
    assert "相加是 8" in bank.unread[0].reason and "评分点" in bank.unread[1].reason


class TestCommand:
    def test_import_reports_what_it_could_not_read(self, write, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        exam = write("操作系统.txt", "1. 甲？\nA. a B. b C. c D. d\n答案：A\n2. 论述死锁。\n")
        out = tmp_path / "bank.jsonl"
        assert main(["import", str(exam), "--out", str(out)]) == 1
        shown = capsys.readouterr().out
        assert "读到 1 道" in shown and "第 2 题（第 4 行）" in shown
        assert [q.key for q in read_bank(out).questions] == ["A"]
        assert main(["import", str(exam), "--out", str(out)]) == 2, "an existing bank is not overwritten"
        assert "不会覆盖" in capsys.readouterr().err

    def test_check_tells_faults_by_its_exit_status(self, write, capsys: pytest.CaptureFixture[str]) -> None:
        assert main(["check", str(write("a.jsonl", jsonl(ROW)))]) == 0
        assert "操作系统  1" in capsys.readouterr().out
        assert main(["check", str(write("b.jsonl", jsonl(ROW, ROW))), "--json"]) == 1
        assert {f["what"] for f in json.loads(capsys.readouterr().out)["faults"]} == {
            "编号出现了 2 次",
            "与 b.jsonl 第 1 行 的 q1 重复",
        }
        assert main(["check", "/没有"]) == 1

    def test_nothing_readable_writes_nothing(self, write, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        assert main(["import", str(write("a.txt", "空话")), "--out", str(tmp_path / "x.jsonl")]) == 1
        assert not (tmp_path / "x.jsonl").exists()
        assert "没有读到可用的题目" in capsys.readouterr().err


def test_questions_know_their_places() -> None:
    bank = Bank([Question("i", "os", "s", ("a", "b", "c", "d"), "A", "", (), 3)], places=["here"])
    assert len(bank.entries) == len(bank.places) == 1
