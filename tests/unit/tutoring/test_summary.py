import pytest
from langchain_core.documents import Document

from rag.chat_models.extractive import ExtractiveChatModel
from rag.conversation import Session
from rag.events import Answer
from rag.marks import find_marks
from rag.speaker import Speaker
from rag.tutor import Tutor
from tests.unit.rag.test_tutor import FakeRetriever
from tutoring.modes import MODES
from tutoring.outline import find_scope, read_outline
from tutoring.summary import PAGE_CHARS, SummaryForm

MODE = MODES["summary"]
SECTIONS = {
    ("操作系统讲义.pdf", "操作系统讲义 > 第3章 处理机调度 > 3.1 调度算法"): "时间片轮转是指就绪进程轮流运行一个时间片的调度算法。",
    ("操作系统讲义.pdf", "操作系统讲义 > 第4章 同步与死锁 > 4.1 临界区"): "临界区是指进程中访问临界资源的那段代码。in = (in + 1) % N;",
    ("操作系统讲义.pdf", "操作系统讲义 > 第4章 同步与死锁 > 4.2 死锁的必要条件"): (
        "死锁是指多个进程互相等待而无法推进的状态。四个必要条件如下：\n- 互斥条件：资源只能由一个进程占用。\n- 不剥夺条件：资源不能被强行夺走。\n"
        "例如两台打印机各被一个进程占用。"
    ),
    ("操作系统讲义.pdf", "操作系统讲义 > 第4章 同步与死锁 > 4.3 易错点"): "- 不安全不等于死锁：不安全状态只是可能导致死锁。",
    ("网络讲义.pdf", "网络讲义 > 第4章 网络层 > 4.1 分组转发"): "分组转发是指路由器把分组从输入端口移到合适的输出端口。",
}  # fmt: skip


def chunk(number: int, source: str, section: str, text: str, point: str = "") -> Document:
    meta = {
        "source": source, "document": "00ff", "subject": "os", "page": number + 1, "section": section, "position": number, "repeated": 0,
        "point": point, "boxes": "[]", "previous": "", "next": "", "ocr": False, "confidence": 1.0,
    }  # fmt: skip
    return Document(id=f"c{number}", page_content=text, metadata=meta)


CHUNKS = [chunk(i, *place, text) for i, (place, text) in enumerate(SECTIONS.items())]
NOTE = chunk(9, "notes/os/5.md", "第5章 虚拟内存管理 > 工作集与抖动", "抖动是指页面频繁换入换出的现象。", "os.5.5")


class Library(FakeRetriever):
    def __init__(self, chunks=(*CHUNKS, NOTE), confidence: float = 0.1) -> None:
        super().__init__(confidence)
        self.chunks = lambda subjects: iter(chunks)


def tutor(model=None, **more) -> Tutor:
    return Tutor(Library(**more), Speaker(model or ExtractiveChatModel(), "测试模型", model is not None))


def page(teacher: Tutor, text: str) -> Answer:
    *_, answer = MODE.stream(text, Session(), teacher)
    assert isinstance(answer, Answer) and len(find_marks(answer.text)) == len(answer.marks) and len(answer.text) <= PAGE_CHARS
    if answer.data:
        SummaryForm.model_validate(answer.data)
    return answer


def test_a_chapter_on_one_page_in_its_order_every_bullet_with_its_place() -> None:
    answer = page(tutor(), "帮我总结一下操作系统讲义的第四章")
    main = [bullet["text"] for bullet in answer.data["main"]]
    assert [words[:3] for words in main] == ["临界区", "死锁是", "四个必"] and main[2].endswith("强行夺走。")
    assert [b["text"] for b in answer.data["confused"]] == ["不安全不等于死锁：不安全状态只是可能导致死锁。"]
    assert [c.page for c in answer.citations] == [2, 3, 3, 4] and all(c.literal for c in answer.citations)
    assert "%" not in answer.text and "例如" not in answer.text


@pytest.mark.parametrize(
    ("text", "name", "sections"),
    [
        ("总结第四章 同步与死锁", "第4章 同步与死锁", 3), ("总结 同步与死锁", "第4章 同步与死锁", 3), ("操作系统讲义", "操作系统讲义", 4),
        ("概括一下死锁的必要条件", "4.2 死锁的必要条件", 1), ("网络讲义第4章", "第4章 网络层", 1), ("总结 工作集与抖动", "工作集与抖动", 1),
        ("总结操作系统讲义.pdf", "操作系统讲义", 4),
    ],
)  # fmt: skip
def test_what_a_request_names(text: str, name: str, sections: int) -> None:
    scope = find_scope(text, read_outline(tutor()))
    assert scope and scope.name == name and len(scope.sections) == sections and not scope.remark


def test_a_number_that_does_not_fit_the_name_is_told_and_an_ambiguous_one_asked_about() -> None:
    outline = read_outline(tutor())
    scope = find_scope("总结第三章 同步与死锁", outline)
    assert scope and scope.name == "第4章 同步与死锁" and "第 3 章是“第3章 处理机调度”" in scope.remark
    asked = page(tutor(), "总结第四章")
    assert "操作系统讲义：第4章 同步与死锁" in asked.text and "网络讲义：第4章 网络层" in asked.text and not asked.citations


def test_what_a_chunk_repeats_of_the_one_before_is_left_out() -> None:
    first, second = chunk(0, "a.md", "一", "甲是指一。"), chunk(1, "a.md", "一", "甲是指一。乙是指二。")
    second.metadata["repeated"] = 5
    (section,) = read_outline(tutor(chunks=(first, second)))
    assert section.passage.text == "甲是指一。\n乙是指二。"


def test_nothing_by_that_name() -> None:
    answer = page(tutor(), "总结红烧肉")
    assert "没有找到" in answer.text and "《操作系统讲义》" in answer.text and not answer.citations
    assert "没有找到" in page(tutor(chunks=()), "总结死锁的必要条件").text


def test_a_topic_that_no_title_names_is_looked_up() -> None:
    answer = page(tutor(confidence=1.0), "总结 银行家")
    assert answer.citations and "没有哪一章的标题就是它" in answer.notice


def test_a_models_page_keeps_the_bullets_that_cite(recording) -> None:
    reply = "**要点**\n- 死锁是互相等待。[2]\n- 我编的一条。\n- 编号不存在。[9]\n**易混**\n- 不安全不等于死锁。[3]\n结束语"
    model = recording(reply)
    answer = page(tutor(model), "总结操作系统讲义第四章")
    assert (
        [b["text"] for b in answer.data["main"]] == ["死锁是互相等待。[2]"]
        and "我编的" not in answer.text
        and "[9]" not in answer.text
    )
    assert [c.page for c in answer.citations] == [3, 4] and answer.model == "测试模型"
    assert "<passage n=" in str(model.seen[0][-1].content)


def test_a_models_page_without_sources_is_not_used(recording) -> None:
    answer = page(tutor(recording("这一章讲了很多内容。")), "总结操作系统讲义第四章")
    assert "没有标明出处" in answer.notice and answer.data["main"][0]["text"].startswith("临界区")


@pytest.mark.parametrize("text", ["再短一点", "太长了", "能不能详细一点？"])
def test_another_length_is_no_topic(text: str) -> None:
    answer = page(tutor(), text)
    assert "固定是一页" in answer.text and not answer.citations


def test_bold_words_are_no_bullet() -> None:
    bold = chunk(0, "网络.md", "网络 > 第1章 概述 > 1.1 分组", "**分组**是指带有首部的数据块，路由器按首部转发。")
    assert "- **分组**是指" in page(tutor(chunks=(bold,)), "总结 网络").text
