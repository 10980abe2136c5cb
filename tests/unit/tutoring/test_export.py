from datetime import UTC, datetime

from rag.citations import Citation
from rag.conversation import Turn
from rag.events import Answer
from tutoring.export import session_markdown
from tutoring.records import SessionSummary

ABOUT = SessionSummary("k", "死锁", "os", "qa", datetime(2026, 1, 2, 3, 4, tzinfo=UTC), datetime(2026, 1, 2, 5, 6, tzinfo=UTC), 2)
PLACE = Citation(1, "操作系统讲义.pdf", "00ff", 12, "3.2 死锁", "互斥条件\n请求并保持条件")


def test_questions_answers_sources_model_and_time() -> None:
    answer = Answer("四个条件。[1]", "os", "测试模型", (PLACE,), (0,), notice="请自行\n核对")
    text = session_markdown(ABOUT, [Turn("死锁的条件？", answer)], {"qa": "答疑"}.__getitem__)
    assert text.splitlines()[0] == "# 死锁"
    assert "2026-01-02 03:04 UTC" in text and "## 1. 问（答疑）" in text and "> 死锁的条件？" in text
    assert "四个条件。[1]" in text and "**注意**：请自行 核对" in text and "*测试模型 · 操作系统*" in text
    assert "出处：\n\n- [1] 操作系统讲义.pdf 第 12 页 3.2 死锁：“互斥条件 请求并保持条件”" in text


def test_a_refusal_has_the_nearest_places_and_says_so() -> None:
    text = session_markdown(ABOUT, [Turn("红烧肉？", Answer("没有找到。", "auto", "m", nearest=(PLACE,), refused=True))])
    assert "最接近的几处：" in text and "出处：" not in text and text.rstrip().endswith("*m*")


def test_a_students_heading_stays_a_quotation() -> None:
    text = session_markdown(ABOUT, [Turn("# 标题\n\n## 二", Answer("好。", "auto", "m"))])
    assert [line for line in text.splitlines() if line.startswith("#")] == ["# 死锁", "## 1. 问（qa）", "### 答"]


def test_an_empty_conversation_is_a_document_too() -> None:
    assert session_markdown(ABOUT, []).startswith("# 死锁\n\n> 操作系统 · 0 轮")
