"""The command `python -m knowledge.questions`: check a bank, or turn exam papers into one."""

from __future__ import annotations

import json
import os
import unicodedata
from argparse import Namespace
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from errors import ContentError, UsageError
from knowledge.bank import BANK, FORMATS, Bank, read_bank, read_banks, write_questions
from knowledge.bank_check import BALANCE, Report, check_bank
from knowledge.bank_keys import KNOWN_KEYS
from knowledge.command import Parser, guarded
from knowledge.questions import LETTERS
from knowledge.subjects import AUTO, SUBJECTS, subject_label
from knowledge.syllabus import points

__all__ = ["main"]

_SHOWN = 50
_KEYS = f"JSONL 每行一道题，{KNOWN_KEYS}。CSV 的列名同此，选项写在 A、B、C、D 四列。"


def main(argv: Sequence[str] | None = None) -> int:
    """The command; returns its exit status: 0 all well, 1 a fault or something unread, 2 usage."""
    options = _parser().parse_args(argv)
    return guarded(lambda: _check(options) if options.command == "check" else _import(options))


def _parser() -> Parser:
    parser = Parser(prog="python -m knowledge.questions", description="检查题库，或把试卷导入成题库。")
    commands = parser.add_subparsers(dest="command", required=True, metavar="check|import")
    check = commands.add_parser("check", help="检查题库：各科题数、答案分布、重复；自带的题库还统计考点覆盖", epilog=_KEYS)
    check.add_argument("path", type=Path, help=f"题库文件或文件夹（{'、'.join(FORMATS)}）")
    check.add_argument("--coverage", action="store_true", help="统计考点覆盖：哪些考点没有笔记、没有题目（自带的题库总是统计）")
    reading = commands.add_parser("import", help="把 JSONL、CSV（C-Eval 的列）、DOCX 或文本试卷读成 JSONL 题库", epilog=_KEYS)
    reading.add_argument("paths", type=Path, nargs="+", help="试卷文件或文件夹")
    reading.add_argument("--out", type=Path, required=True, help="写到哪个 .jsonl 文件")
    for command in (check, reading):
        choices = [s.id for s in SUBJECTS.values() if s.points]
        command.add_argument(
            "--subject", choices=[AUTO, *choices], default=AUTO, help="没有写明科目的题目属于哪一科（默认自动判断）"
        )
        command.add_argument("--json", action="store_true", help="最后一行输出 JSON")
    return parser


def _check(options: Namespace) -> int:
    bank = read_bank(options.path, options.subject)
    report = check_bank(bank)
    if options.json:
        print(json.dumps(_as_json(report), ensure_ascii=False))
    else:
        print(f"题库 {options.path}：单项选择题 {len(bank.questions)} 道，综合应用题 {len(bank.problems)} 道。\n")
        print("\n".join(_table(report)))
        coverage = options.coverage or os.path.realpath(options.path) == os.path.realpath(BANK)
        print("\n".join(_remarks(bank, report, coverage)))
    return 1 if report.faults or report.duplicates else 0


def _import(options: Namespace) -> int:
    if os.path.lexists(options.out):
        raise UsageError(f"{options.out} 已经存在，不会覆盖它。请换一个文件名，或先移走它。")
    bank = read_banks(options.paths, options.subject)
    if bank.entries:
        write_questions(bank.entries, options.out)
    if options.json:
        places = [{"place": u.place, "reason": u.reason} for u in bank.unread]
        counts = {"questions": len(bank.questions), "problems": len(bank.problems)}
        print(json.dumps({**counts, "unread": places, "out": str(options.out)}, ensure_ascii=False))
    else:
        counted = f"读到 {len(bank.questions)} 道单项选择题、{len(bank.problems)} 道综合应用题"
        print(f"{counted}，" + (f"已写入 {options.out}。" if bank.entries else "没有写文件。"))
        print("\n".join(_listed("没有读入", [f"{u.place}：{u.reason}" for u in bank.unread])))
    if not bank.entries:
        raise ContentError("没有读到可用的题目。题目要有题号、A–D 四个选项和答案；用 --help 查看支持的格式。")
    return 1 if bank.unread else 0


def _table(report: Report) -> list[str]:
    rows = [["科目", "选择题", "答案 A", "B", "C", "D", "难度 1/2/3/4/5", "综合应用题"]]
    for subject in [s for s in SUBJECTS if report.counts[s] or report.problems[s]]:
        keys, levels = report.keys[subject], report.difficulties[subject]
        shares = [f"{keys[letter]}（{keys[letter] / max(keys.total(), 1):.0%}）" for letter in LETTERS]
        spread = "/".join(str(levels[n]) for n in range(1, 6))
        rows.append([subject_label(subject), str(report.counts[subject]), *shares, spread, str(report.problems[subject])])
    widths = [max(map(_width, column)) for column in zip(*rows, strict=True)]
    return ["  ".join(map(_padded, row, widths, range(len(row)))) for row in rows]


def _padded(cell: str, width: int, column: int) -> str:
    """A cell as wide as its column: names stand left, figures right."""
    blanks = " " * (width - _width(cell))
    return blanks + cell if column else cell + blanks


def _width(text: str) -> int:
    """Columns of a terminal: a Chinese character takes two."""
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)


def _remarks(bank: Bank, report: Report, coverage: bool) -> list[str]:
    lines = ["", *_listed("问题", [f"{f.place}：{f.what}" for f in report.faults])]
    lines += _listed("重复", [f"{f.place}：{f.what}" for f in report.duplicates])
    for subject in report.unbalanced:
        lines.append(f"提醒：{subject_label(subject)}的答案分布不均，有字母的占比不在 {BALANCE[0]:.0%}–{BALANCE[1]:.0%} 之间。")
    if not coverage:
        return lines
    if not any(entry.points for entry in bank.entries):
        return [*lines, "题目没有标注考点，不统计考点覆盖。"]
    total = len(points())
    names = {p.id: f"{p.id} {p.name}" for p in points().values()}
    lines.append(
        f"考点 {total} 个：有笔记的 {total - len(report.without_note)} 个，有题目或题族的 {total - len(report.without_question)} 个。"
    )
    lines += _listed("没有笔记的考点", [names[p] for p in report.without_note])
    return lines + _listed("没有题目和题族的考点", [names[p] for p in report.without_question])


def _listed(title: str, entries: Sequence[str]) -> list[str]:
    """A heading with a count and the entries, at most `_SHOWN` of them."""
    rest = [f"  ……另有 {len(entries) - _SHOWN} 处（用 --json 查看全部）"] if len(entries) > _SHOWN else []
    return [f"{title}：{len(entries) or '无'}", *(f"  {e}" for e in entries[:_SHOWN]), *rest]


def _as_json(report: Report) -> dict[str, Any]:
    return {
        "questions": dict(report.counts),
        "problems": dict(report.problems),
        "keys": {subject: {letter: keys[letter] for letter in LETTERS} for subject, keys in report.keys.items()},
        "unbalanced": report.unbalanced,
        "faults": [{"place": f.place, "what": f.what} for f in report.faults],
        "duplicates": [{"place": f.place, "what": f.what} for f in report.duplicates],
        "without_note": report.without_note,
        "without_question": report.without_question,
    }
