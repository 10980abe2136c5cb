"""The report of a whole paper: its points, and what a judge made of each problem."""

from pathlib import Path

import pytest

from eval.exams.samples import LOGPROB
from eval.reporting.report import write_report
from knowledge.paper import CHOICES, PROBLEMS
from tests.unit.eval.run_folders import marked, write_run
from tests.unit.eval.sample_exams import question, record

ASKED = [question(n, subject) for n, subject in enumerate(s for s, count in CHOICES.items() for _ in range(count))]
PROBLEM_SUBJECTS = [s for s, count in PROBLEMS.items() for _ in range(count)]
RECORDS = [record(one) if n % 5 else record(one, "C") for n, one in enumerate(ASKED)]


def page_of(folder: Path) -> str:
    return write_report(folder).read_text(encoding="utf-8")


def test_the_points_of_the_paper_come_first(tmp_path: Path) -> None:
    page = page_of(write_run(tmp_path / "run", ASKED, RECORDS, paper=True, problems=[marked(PROBLEM_SUBJECTS)]))
    assert "<h1>408 模拟卷测评报告</h1>" in page and "<title>408 模拟卷测评" in page
    assert '<p class="big">106<span class="full"> / 150 分</span>' in page  # 32 of 40 choices: 64; 6 of 10 points: 42 of 70
    assert "选择题 64 / 80" in page and "综合应用题 42 / 70" in page and "评委模型 openai:a-judge" in page
    assert "折算按四科" not in page and "按选择题折算" not in page  # that were a second number of 150 points
    assert "换一个种子、换一个评委模型，分数都会变；模型阅卷没有与真人阅卷对照过" in page
    assert "7 道综合应用题" in page and "problem_answers.jsonl、problem_marks.jsonl" in page


def test_without_a_judge_there_is_no_total(tmp_path: Path) -> None:
    page = page_of(write_run(tmp_path / "run", ASKED, RECORDS, paper=True))
    assert '<p class="big">64<span class="full"> / 80 分（只有选择题）</span>' in page
    assert "综合应用题（70 分）没有评：不估计总分" in page and 'id="problems"' not in page and "模型阅卷" not in page


def test_what_was_not_marked_or_answered_is_told(tmp_path: Path) -> None:
    left = marked(PROBLEM_SUBJECTS, None, reason="评分无法读取", marks=[]) | {"pending": 2}
    page = page_of(
        write_run(tmp_path / "run", ASKED, RECORDS[:30], paper=True, problems=[left], pending={("gen", False): {"cn": 10}})
    )
    assert "综合应用题没有全部评出，评不出 7 题，还没有评 2 题：不估计总分" in page
    assert "选择题还有 10 次未作答：不估计总分" in page and '为什么评不出</h4><p class="prose">评分无法读取' in page


def test_each_way_of_asking_has_its_own_points(tmp_path: Path) -> None:
    records = [*RECORDS, *(record(one, mode=LOGPROB, rag=True) for one in ASKED)]
    page = page_of(write_run(tmp_path / "run", ASKED, records, paper=True, problems=[marked(PROBLEM_SUBJECTS)]))
    first, second = page.split('<div class="card">')[1:]
    assert "106<span" in first and "评委模型" in first
    assert "80<span" in second.split("</section>")[0] and "选项概率不写答案" in second
    assert "评委模型" not in second[: second.index('<p class="note">')]


def test_a_problem_opens_to_its_criteria(tmp_path: Path) -> None:
    page = page_of(write_run(tmp_path / "run", ASKED, RECORDS, paper=True, problems=[marked(PROBLEM_SUBJECTS)]))
    one = page.split('<details class="entry problem">')[1]
    for told in (
        "数据结构",
        "6 / 10 分",
        "第 0 道综合应用题。",
        "<pre>先来先服务。</pre>",
        "说出调度的次序",
        "评委：写到了一部分",
        "短作业优先。",
    ):
        assert told in one, told
    assert one.index("评分点") < one.index("参考答案")


def test_problems_stand_in_the_order_of_the_paper(tmp_path: Path) -> None:
    page = page_of(write_run(tmp_path / "run", ASKED, RECORDS, paper=True, problems=[marked([*reversed(PROBLEM_SUBJECTS)])]))
    problems = page[page.index('id="problems"') :]
    places = [problems.index(f"<span>{name}</span>") for name in ("数据结构", "计算机组成原理", "操作系统", "计算机网络")]
    assert places == sorted(places)


@pytest.mark.parametrize(("field", "file"), [("answer", "problem_answers.jsonl"), ("question", "summary.json")])
def test_an_answer_without_end_is_shortened(tmp_path: Path, field: str, file: str) -> None:
    long = {field: "开头" + "思考" * 500_000 + "结尾"}
    page = page_of(write_run(tmp_path / "run", ASKED, RECORDS, paper=True, problems=[marked(["os"], **long)]))
    assert f"全文在 {file}）" in page and "思考结尾" in page and len(page) < 400_000


def test_a_hostile_answer_is_text(tmp_path: Path) -> None:
    bad = "</pre><script>window.hacked=1</script><img src=x onerror=1>\x1b[31m\u202e"
    criteria = [{"score": 0, "full": 10, "reason": bad, "criterion": bad}]
    texts = dict.fromkeys(("id", "reason", "question", "answer", "reference"), bad)
    one = marked(["os"], marks=criteria, **texts) | {"judge": bad, "name": bad}
    page = page_of(write_run(tmp_path / "run", ASKED, RECORDS, paper=True, problems=[one]))
    assert "&lt;/pre&gt;&lt;script&gt;" in page and "<script>window" not in page and "<img" not in page
    assert "\x1b" not in page and "\u202e" not in page and "␛[31m" in page
