import random
from dataclasses import replace
from itertools import combinations
from pathlib import Path

from knowledge.bank import Bank
from knowledge.bank_check import _FEW, _similar, check_bank, noted_points
from knowledge.problems import Criterion, Part, Problem
from knowledge.questions import Question
from knowledge.syllabus import points

BASE = Question(
    "q",
    "os",
    "某系统有 12 台打印机，由 4 个进程竞争使用，不会死锁的最少台数是",
    ("8", "9", "10", "11"),
    "B",
    "理由",
    ("os.3.9",),
    3,
)


def bank_of(*questions: Question) -> Bank:
    return Bank(list(questions), places=[f"第 {n} 行" for n in range(1, len(questions) + 1)])


def whats(bank: Bank) -> list[str]:
    report = check_bank(bank)
    return [f.what for f in (*report.faults, *report.duplicates)]


def test_counts_balance_and_difficulties() -> None:
    questions = [
        replace(BASE, id=str(n), stem=f"第{'甲乙丙丁'[n % 4] * (n + 1)}题", key="ABCD"[min(n % 8, 3)], difficulty=1 + n % 5)
        for n in range(48)
    ]
    report = check_bank(bank_of(*questions))
    assert report.counts == {"os": 48}
    assert report.keys["os"] == {"A": 6, "B": 6, "C": 6, "D": 30}
    assert report.unbalanced == ["os"]
    assert sum(report.difficulties["os"].values()) == 48


def test_few_keys_say_nothing_of_their_balance() -> None:
    questions = [replace(BASE, id=str(n), stem="甲" * (n + 1)) for n in range(_FEW)]
    assert check_bank(bank_of(*questions[:-1])).unbalanced == []
    assert check_bank(bank_of(*questions)).unbalanced == ["os"]


def test_problems_are_counted_and_their_points_checked() -> None:
    problem = Problem("p", "os", "设……", (Part("(1)", "3", (Criterion(8, "得 3"),)),), ("os.3.9", "os.99"), 3)
    report = check_bank(Bank([BASE], [problem, replace(problem, id="q", subject="cn", points=())], places=["x"]))
    assert report.problems == {"os": 1, "cn": 1}
    assert report.counts == {"os": 1}
    assert [(f.place, f.what) for f in (*report.faults, *report.duplicates)] == [
        ("p", "考点 os.99 不在考纲里"),
        ("q", "编号出现了 2 次"),
    ]


def test_duplicates_but_for_spaces_and_the_order_of_options() -> None:
    same = replace(BASE, id="r", stem=BASE.stem.replace("，", " , "), options=("11", "10", "9", "8"))
    assert whats(bank_of(BASE, same)) == ["与 第 1 行 的 q 重复"]


def test_other_numbers_are_another_question() -> None:
    other = replace(BASE, id="r", stem=BASE.stem.replace("12", "24").replace("4", "6"), options=("16", "18", "20", "21"))
    assert whats(bank_of(BASE, other)) == []


def test_faults_of_a_question() -> None:
    assert "有两个选项相同" in whats(bank_of(replace(BASE, options=("8 台", "８台", "9", "10"))))
    assert "题干或选项是空的" in whats(bank_of(replace(BASE, stem=" ")))
    assert whats(bank_of(replace(BASE, options=("8", " ", "10", "11")))) == ["题干或选项是空的"]
    assert "难度 6 不在 1–5 之间" in whats(bank_of(replace(BASE, difficulty=6)))
    assert "考点 os.99 不在考纲里" in whats(bank_of(replace(BASE, points=("os.99",))))


def test_similar_finds_what_comparing_all_pairs_finds() -> None:
    rng = random.Random(4)
    texts = [frozenset(rng.sample("abcdefghijklmnopqrstuvwxyz", 20)) for _ in range(12)]
    texts += [t - {min(t)} | {"1"} for t in texts] + [t | {"2"} for t in texts]
    expected = {
        (i, j) for i, j in combinations(range(len(texts)), 2) if len(texts[i] & texts[j]) >= 0.85 * len(texts[i] | texts[j])
    }
    assert expected
    assert set(_similar(texts)) == expected


def test_points_named_by_headings(write) -> None:
    folder: Path = write("os/1.md", "# 章\n## 死锁 {#os.3.9}\n正文 {#os.1.1}\n### 调度 {#os.2.5} \n").parent
    assert noted_points(folder) == {"os.3.9", "os.2.5"}


def test_coverage_counts_families_as_questions() -> None:
    report = check_bank(bank_of(BASE))
    assert not report.without_note
    assert "os.3.9" not in report.without_question
    assert 0 < len(report.without_question) < len(points()), "families cover some points, one question does not cover the rest"
