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
from tests.unit.eval.run_folders import write_run
from tests.unit.eval.sample_exams import question, record

HOSTILE = (
    "</script><script>window.hacked=1</script><img src=x onerror=\"window.hacked=1\"><a href='javascript:hack()'>\x1b[31m\u202e"
)


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
    page = page_of(three(tmp_path))
    assert "33.3%" in page and "6.2%–79.2%" in page  # Wilson's interval of 1 of 3
    for told in ("openai:a-model", "0123456789ab", "零样本", "2026-03-02 09:14 UTC+08:00", "1 分 15 秒", "生成 · 不检索"):
        assert told in page, told
    assert "未读出答案的算错；接口出错的题待答，不算错" in page
    assert "计算机网络" in page and "操作系统" in page
    assert "估分按四科" not in page  # two subjects are no paper


def test_an_estimate_says_that_it_is_an_extrapolation(tmp_path: Path) -> None:
    asked = [question(n, subject) for n, subject in enumerate(("ds", "co", "os", "cn"))]
    page = page_of(write_run(tmp_path / "run", asked, [record(one) for one in asked]))
    assert "<strong>150.0</strong> / 150" in page and "只根据选择题，不含综合应用题，是外推" in page
    assert "没有答错的题" in page and "<script" not in page


def test_a_baseline_is_never_called_a_model(tmp_path: Path) -> None:
    asked = [question(1)]
    folder = write_run(tmp_path / "run", asked, [record(asked[0], "A", mode=EVIDENCE, rag=True)], run={"baseline": True})
    page = page_of(folder)
    assert "<h1>检索基线" in page and "这不是模型的成绩" in page and "<title>检索基线" in page
    assert "这不是模型的成绩" not in page_of(three(tmp_path / "other"))


def test_what_is_missing_is_told(tmp_path: Path) -> None:
    page = page_of(three(tmp_path, run={"pending": 7}, unread=[{"place": "卷.docx 第 3 题", "reason": "有五个选项。"}]))
    assert "7 次作答在等待" in page and "1 处没有读入" in page and "有五个选项。" in page
    assert "没有检查就不能说" in page  # contamination


def test_comparisons_contamination_and_problems(tmp_path: Path) -> None:
    row = {"subject": "all", "n": 9, "before": 0.5, "after": 0.4, "difference": -0.1, "low": -0.2, "high": 0.05}
    row |= {"gains": 1, "losses": 8, "p": 0.0002, "p_holm": None, "verdict": "显著下降"}
    page = page_of(
        three(
            tmp_path,
            comparisons=[{"before": "甲", "after": "乙", "rows": [row]}, {"before": "丙", "after": "丁", "rows": []}],
            contamination={
                "sources": ["train.jsonl"],
                "questions": 3,
                "seen": [{"qid": "q2", "where": "第 8 行", "share": 0.9, "exact": False}],
            },
            problems={"score": 6.5, "full": 10, "marks": [{"id": "p1", "subject": "os", "score": 6.5, "full": 10}]},
        )
    )
    assert "甲 → 乙" in page and "−10.0" in page and "−20.0 到 +5.0" in page and "&lt;0.001" in page
    assert '<span class="verdict down">显著下降' in page and "丙" not in page
    assert "<strong>1</strong> 道在那里出现过" in page and "第 8 行" in page and "<strong>6.5</strong> / 10" in page


def test_hostile_text_is_text_everywhere(tmp_path: Path) -> None:
    bad = question(1, HOSTILE, stem=HOSTILE, explanation=HOSTILE, points=(HOSTILE,), options=(HOSTILE, "运行", "阻塞", "创建"))
    answer = replace(record(bad, "C"), raw=HOSTILE, reason=HOSTILE, finish_reason=HOSTILE)
    folder = write_run(
        tmp_path / "run", [bad], [answer], run={"model": HOSTILE, "source": HOSTILE, "kb": HOSTILE},
        unread=[{"place": HOSTILE, "reason": HOSTILE}],
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
    elements = Parsed(page_of(three(tmp_path, unread=[{"place": "x", "reason": "y"}]))).elements
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
    odd = replace(record(asked[0], "C"), raw="\ud800", scores={"A": float("-inf"), "B": None, "C": -0.1}, seconds=float("nan"))
    folder = write_run(tmp_path / "run", asked, [record(asked[0], "C")])
    rows = json.dumps(vars(odd) | {"retrieved": []})  # NaN and half a surrogate pair, as a file from elsewhere may hold them
    (folder / "records.jsonl").write_text(rows + "\n")
    entry = embedded(page_of(folder))["entries"][0]
    assert (
        entry["raw"] == "\ufffd" and entry["scores"] == {"A": None, "B": None, "C": -0.1, "D": None} and entry["seconds"] is None
    )


def test_only_pending_still_makes_a_page(tmp_path: Path) -> None:
    from eval.exams.summary import conditions_of

    conditions = conditions_of([], {}, {("gen", False): {"os": 1}})
    folder = write_run(tmp_path / "run", [question(1)], [], conditions=conditions, run={"pending": 1, "started": ""})
    assert "还没有答完：1 次" in page_of(folder)


def test_a_run_of_another_version_or_a_damaged_one_is_told(tmp_path: Path) -> None:
    folder = three(tmp_path)
    summary = json.loads((folder / "summary.json").read_text())
    del summary["conditions"][0]["letters"]
    (folder / "summary.json").write_text(json.dumps(summary))
    with pytest.raises(ContentError, match="缺少 letters.*再运行一次"):
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
