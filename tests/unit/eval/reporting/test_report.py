"""The report: what it tells, that nothing in it comes from elsewhere or is run, and that it is whole or not there."""

import base64
import hashlib
import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from errors import ContentError, UsageError
from eval.exams.samples import EVIDENCE
from eval.reporting.report import REPORT, write_report
from tests.unit.eval.run_folders import marked, write_run
from tests.unit.eval.sample_exams import question, record

HOSTILE = (
    "</script><script>window.hacked=1</script><img src=x onerror=\"window.hacked=1\"><a href='javascript:hack()'>\x1b[31m\u202e"
)
TEXTS = ("id", "reason", "question", "answer", "reference")


class Parsed(HTMLParser):
    """The elements of a page, and the text of each kind."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: dict[str, list[str]] = {}
        self._within = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        self._within = tag

    def handle_endtag(self, tag: str) -> None:
        self._within = ""

    def handle_data(self, data: str) -> None:
        self.texts.setdefault(self._within, []).append(data)


def page_of(folder: Path) -> str:
    return write_report(folder).read_text(encoding="utf-8")


def embedded(page: str) -> Any:
    return json.loads(re.search(r'<script type="application/json" id="data">(.*?)</script>', page, re.DOTALL)[1])  # type: ignore[index]


def three(tmp_path: Path, **changes: Any) -> Path:
    """A right one, a wrong one, and one that could not be read."""
    asked = [question(1), question(2), question(3, "cn")]
    return write_run(tmp_path / "run", asked, [record(asked[0]), record(asked[1], "C"), record(asked[2], "")], **changes)


def test_tells_the_figures_and_how_they_are_counted(tmp_path: Path) -> None:
    page = page_of(three(tmp_path, run={"about_bank": "不是历年真题。"}))
    assert "33.3%" in page and "6.2%–79.2%" in page  # Wilson's interval of 1 of 3
    for told in (
        "openai:a-model", "0123456789ab", "零样本", "2026-03-02 09:14</dd>", "2026-03-02 09:15</dd>", "生成 · 不检索",
        "实际用时 5 秒（同时问 16 题）；各题用时之和 1 分 15 秒", "http://127.0.0.1:9701/v1", "2,048 token", "不是历年真题。",
        "未作答（接口出错）的不算错，也不计入作答", "各科题目不同，不作成对检验",
    ):  # fmt: skip
        assert told in page, told
    assert page.index("操作系统</th>") < page.index("计算机网络</th>")
    assert "折算按四科" not in page  # two subjects are no paper
    assert "没有检查考题是否在训练数据里出现过（--train-data 可查）。" in page and "被截断，" not in page


def test_an_estimate_says_that_it_is_an_extrapolation(tmp_path: Path) -> None:
    asked = [question(n, subject) for n, subject in enumerate(("ds", "co", "os", "cn"))]
    page = page_of(write_run(tmp_path / "run", asked, [record(one) for one in asked]))
    assert "按选择题折算（满分 150）<strong>150.0</strong>" in page and "只根据选择题，不含综合应用题，是外推" in page
    assert "没有答错的题" in page and "<script" not in page


def test_a_baseline_is_never_called_a_model(tmp_path: Path) -> None:
    asked = [question(1)]
    folder = write_run(tmp_path / "run", asked, [record(asked[0], "A", mode=EVIDENCE, rag=True)], run={"baseline": True})
    page = page_of(folder)
    assert "<h1>检索基线" in page and "这不是模型的成绩" in page and "<title>检索基线" in page
    assert "回答上限" not in page and "温度" not in page  # it writes nothing
    assert "这不是模型的成绩" not in page_of(three(tmp_path / "other"))


def test_what_is_missing_is_told(tmp_path: Path) -> None:
    unread = [
        {"place": "卷.docx 第 3 题", "reason": "有五个选项。", "kind": "unreadable"},
        {"place": "卷.docx 第 4 题", "reason": "改记为 q4#ab12。", "kind": "renamed"},
    ]
    page = page_of(three(tmp_path, run={"pending": 7}, unread=unread))
    assert "7 次未作答" in page and "读入 3 题（其中 1 题改了编号）；读不了 1 处，列在下面。" in page
    assert '<td class="text">读不了</td><td class="wide">有五个选项。' in page and '<td class="text">改了编号</td>' in page


def test_a_way_that_could_not_be_asked_has_a_line_and_no_table(tmp_path: Path) -> None:
    one = question(1)
    folder = write_run(
        tmp_path / "run", [one], [record(one)],
        pending={("logprob", False): {"os": 1}}, closed={"logprob": "接口不给出概率。"}, run={"pending": 1},
    )  # fmt: skip
    page = page_of(folder)
    assert "<strong>选项概率 · 不检索</strong>：这一种没有考：接口不给出概率。" in page
    assert "还没有答完" not in page  # asking again would not help
    assert page.count('<div class="card">') == 1 and "选项概率 · 不检索</caption>" not in page and 'class="legend"' not in page


def test_cut_off_answers_are_told_first(tmp_path: Path) -> None:
    asked = [question(n) for n in (1, 2, 3)]
    cut = [replace(record(one, ""), finish_reason="length") for one in asked]
    page = page_of(write_run(tmp_path / "run", asked, cut, run={"max_tokens": 60}))
    box = "3 次回答在 60 token 处被截断，其中 3 次因此没有读出答案：成绩偏低。请把 TUTOR_CHAT_MAX_TOKENS 调大"
    assert (
        0
        < page.index(f'<p class="banner">{box}')
        < page.index('<dl class="facts">')
        < page.index("<dt>回答上限</dt><dd>60 token")
    )


def test_comparisons_are_told_in_the_terms_of_the_tables(tmp_path: Path) -> None:
    row = {"subject": "cn", "n": 9, "before": 0.5, "after": 0.4, "difference": -0.1, "low": -0.2, "high": 0.05}
    row |= {"gains": 1, "losses": 8, "p": 0.0002, "p_holm": None, "verdict": "显著更低"}
    rows = [row, row | {"subject": "os", "low": 0.0, "high": 0.0, "verdict": "无法判定"}]
    page = page_of(
        three(tmp_path, comparisons=[{"before": "甲", "after": "乙", "rows": rows}, {"before": "丙", "after": "丁", "rows": []}])
    )
    assert "基线：甲 → 对照：乙" in page and "−10.0" in page and "−20.0 到 +5.0" in page and "&lt;0.001" in page
    assert '<span class="verdict down">显著更低' in page and "丙" not in page and "<td>—</td><td>1</td><td>8</td>" in page
    table = page[page.index("基线：甲") :]
    assert table.index("操作系统") < table.index("计算机网络")  # as in every table


def test_overlaps_have_a_table_only_where_there_are_any(tmp_path: Path) -> None:
    none = {"sources": ["知识库（自带讲义与笔记）"], "training": False, "knowledge": True, "questions": 3, "seen": []}
    page = page_of(three(tmp_path, contamination=none))
    assert "与知识库重合的题 0 道。没有给训练数据" in page and "重合的题（" not in page and "去掉重合的题以后" not in page
    seen = [{"qid": "q2", "where": "train.jsonl 第 8 行", "share": 0.9, "exact": False}]
    page = page_of(three(tmp_path / "b", contamination=none | {"training": True, "knowledge": False, "seen": seen}))
    assert "与所给训练数据重合的题 1 道；知识库没有比对。" in page and "train.jsonl 第 8 行" in page


def test_hostile_text_is_text_everywhere(tmp_path: Path) -> None:
    bad = question(1, HOSTILE, stem=HOSTILE, explanation=HOSTILE, points=(HOSTILE,), options=(HOSTILE, "运行", "阻塞", "创建"))
    answer = replace(record(bad, "C"), raw=HOSTILE, reason=HOSTILE, finish_reason=HOSTILE)
    folder = write_run(
        tmp_path / "run", [bad], [answer], run={"model": HOSTILE, "source": HOSTILE, "kb": HOSTILE},
        unread=[{"place": HOSTILE, "reason": HOSTILE, "kind": HOSTILE}], problems=[marked([HOSTILE], **dict.fromkeys(TEXTS, HOSTILE))],
    )  # fmt: skip
    page = page_of(folder)
    parsed = Parsed(page)
    assert [attributes for tag, attributes in parsed.elements if tag == "script"] == [
        {"type": "application/json", "id": "data"},
        {},
    ]
    assert not [tag for tag, _ in parsed.elements if tag in ("img", "iframe", "object", "base")]
    assert "\x1b" not in page and "\u202e" not in page
    assert embedded(page)["entries"][0]["raw"].startswith("</script><script>window.hacked=1")
    assert embedded(page)["entries"][0]["raw"].endswith("␛[31m⟨U+202E⟩")


def test_nothing_is_fetched_and_only_our_script_may_run(tmp_path: Path) -> None:
    page = page_of(three(tmp_path))
    parsed = Parsed(page)
    for tag, attributes in parsed.elements:
        assert not {"src", "srcset", "style", "action", "xlink:href"} & set(attributes), (tag, attributes)
        assert not [name for name in attributes if name.startswith("on")]
        if link := attributes.get("href"):
            assert link.startswith("#") or link == "data:,", link
    policy = next(
        a["content"] for tag, a in parsed.elements if tag == "meta" and "Content-Security-Policy" in str(a.get("http-equiv"))
    )
    assert policy and "default-src 'none'" in policy and "unsafe" not in policy
    for part, text in (("script-src", parsed.texts["script"][-1]), ("style-src", parsed.texts["style"][0])):
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert f"{part} 'sha256-{digest}'" in policy


def test_every_link_in_the_page_leads_somewhere(tmp_path: Path) -> None:
    elements = Parsed(page_of(three(tmp_path, unread=[{"place": "x", "reason": "y", "kind": "skipped"}]))).elements
    ids = [a["id"] for _, a in elements if "id" in a]
    assert len(ids) == len(set(ids))
    wanted = {link[1:] for _, a in elements if (link := a.get("href")) and link.startswith("#")}
    wanted |= {m[1] for _, a in elements if (m := re.fullmatch(r"url\(#(.+)\)", a.get("clip-path") or ""))}
    assert wanted and wanted <= set(ids)


def test_a_reply_of_a_megabyte_is_shortened(tmp_path: Path) -> None:
    asked = [question(1)]
    folder = write_run(tmp_path / "run", asked, [replace(record(asked[0], "C"), raw="开头" + "思考" * 500_000 + "答案：C")])
    page = page_of(folder)
    raw = embedded(page)["entries"][0]["raw"]
    assert raw.startswith("开头思考") and raw.endswith("答案：C") and "此处省略 996,006 字" in raw
    assert len(page) < 150_000


def test_the_same_run_makes_the_same_bytes(tmp_path: Path) -> None:
    folder = three(tmp_path)
    assert page_of(folder) == page_of(folder)


def test_what_json_or_utf8_can_not_hold_does_not_break_the_page(tmp_path: Path) -> None:
    asked = [question(1)]
    odd = replace(record(asked[0], "C"), raw="\ud800", scores={"A": float("-inf"), "B": None, "C": -0.1})
    folder = write_run(tmp_path / "run", asked, [record(asked[0], "C")])
    rows = json.dumps(vars(odd) | {"retrieved": []})  # infinity and half a surrogate pair, as a file from elsewhere may hold them
    (folder / "records.jsonl").write_text(rows + "\n")
    entry = embedded(page_of(folder))["entries"][0]
    assert entry["raw"] == "\ufffd" and entry["scores"] == {"A": None, "B": None, "C": -0.1, "D": None}


def test_only_pending_still_makes_a_page(tmp_path: Path) -> None:
    folder = write_run(
        tmp_path / "run", [question(1)], [], pending={("gen", False): {"os": 1}},
        run={"pending": 1, "started": "", "wall_seconds": None},
    )  # fmt: skip
    page = page_of(folder)
    assert "还没有答完：1 次" in page and "还没有作答，1 次未作答" in page
    assert 'class="card"' not in page and 'id="figures"' not in page and "<table" not in page


def test_a_run_of_another_version_or_a_damaged_one_is_told(tmp_path: Path) -> None:
    folder = three(tmp_path)
    summary = json.loads((folder / "summary.json").read_text())
    del summary["conditions"][0]["letters"]
    (folder / "summary.json").write_text(json.dumps(summary))
    with pytest.raises(ContentError, match="缺少 letters.*再运行一次"):
        write_report(folder)
    for damaged in ("[]", json.dumps(summary | {"run": []}), json.dumps(summary | {"problems": {"marks": []}})):
        (folder / "summary.json").write_text(damaged)
        with pytest.raises(ContentError, match="结构不对.*再运行一次"):
            write_report(folder)
    (folder / "summary.json").write_text("{")
    with pytest.raises(ContentError, match=r"summary\.json 不是完整的 JSON"):
        write_report(folder)
    (folder / "summary.json").unlink()
    with pytest.raises(UsageError, match=r"读不到 .*summary\.json"):
        write_report(folder)
    assert not (folder / REPORT).exists()


def test_whole_or_not_at_all(tmp_path: Path) -> None:
    folder = three(tmp_path)
    (folder / REPORT).mkdir()
    with pytest.raises(UsageError, match="写不了"):
        write_report(folder)
    assert [path.name for path in folder.iterdir() if path.name.startswith(f".{REPORT}")] == []
