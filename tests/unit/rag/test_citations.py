from rag.citations import as_citation, locate, resolve
from rag.parsing.page import Span
from rag.retrieval import Passage

TEXT = "互斥条件：资源一次只能由一个\n进程使用。循环等待条件：进程之间形成环路。"
SPANS = (Span(0, 14, (10.0, 80.0, 90.0, 90.0), 3), Span(15, len(TEXT), (10.0, 60.0, 95.0, 70.0), 3))
ONE = Passage("c1", "os.pdf", "00ff", 3, "死锁 > 条件", "os", TEXT, 0.5, SPANS)
TWO = Passage("c2", "b.md", "11ee", 1, "", "os", "银行家算法避免死锁。安全状态一定不死锁。", 0.4)


def test_the_answers_own_words_are_the_quote_with_their_lines() -> None:
    cited = resolve("互斥条件：资源一次只能由一个进程使用。[1]", [ONE, TWO])
    (citation,) = cited.citations
    assert citation.literal and citation.quote == "互斥条件：资源一次只能由一个\n进程使用。"
    assert (citation.source, citation.page, citation.bbox) == ("os.pdf", 3, (10.0, 60.0, 95.0, 90.0))
    assert citation.to_json() == {
        "n": 1,
        "source": "os.pdf",
        "page": 3,
        "quote": citation.quote,
        "bbox": [10.0, 60.0, 95.0, 90.0],
    }


def test_a_rewritten_claim_gets_the_nearest_sentence() -> None:
    (citation,) = resolve("处于安全状态时不会死锁[2]。", [ONE, TWO]).citations
    assert not citation.literal and citation.quote == "安全状态一定不死锁。" and citation.bbox is None


def test_numbers_that_do_not_exist_are_dropped_and_marks_follow_the_text() -> None:
    cited = resolve("银行家算法避免死锁。[2][7]循环等待条件：进程之间形成环路。【1】再说一遍。[0]", [ONE, TWO])
    assert cited.text == "银行家算法避免死锁。[2]循环等待条件：进程之间形成环路。[1]再说一遍。"
    assert [cited.citations[i].n for i in cited.marks] == [2, 1]


def test_the_same_words_are_one_citation() -> None:
    cited = resolve("银行家算法避免死锁。[2]\n银行家算法避免死锁。[2]", [ONE, TWO])
    assert len(cited.citations) == 1 and cited.marks == (0, 0)


def test_locate_ignores_white_space_only() -> None:
    assert locate("一次 只能", TEXT) == (7, 11)
    assert locate("两次", TEXT) is None and locate("", TEXT) is None


def test_reference_numbers_of_a_document_are_no_citations() -> None:
    paper = Passage("c3", "p.pdf", "22", 1, "", "os", "斑马调度是一种方法[2]，它由张三提出[15]。", 0.3)
    cited = resolve("斑马调度是一种方法〔2〕，它由张三提出〔15〕。[1]", [paper])
    (citation,) = cited.citations
    assert citation.literal and citation.quote == paper.text and cited.marks == (0,)


def test_an_index_of_an_array_stays_in_the_answer() -> None:
    assert resolve("数组 A[9] 的首元素。[1]", [ONE]).text == "数组 A[9] 的首元素。[1]"


OVER = Passage(
    "c4", "os.pdf", "00ff", 7, "", "os", "进程申请资源。它等待别的进程释放资源。释放以后它被唤醒。", 0.4,
    (
        Span(0, 7, (10.0, 80.0, 90.0, 90.0), 6), Span(7, 13, (10.0, 60.0, 90.0, 70.0), 6),
        Span(13, 19, (10.0, 780.0, 90.0, 790.0), 7), Span(19, 28, (10.0, 760.0, 90.0, 770.0), 7),
    ),
)  # fmt: skip
"""A chunk of page 7 with its neighbour on page 6 before it."""


def test_a_citation_names_the_page_on_which_its_words_stand() -> None:
    before, after = resolve("进程申请资源。[1]释放以后它被唤醒。[1]", [OVER]).citations
    assert (before.page, before.boxes) == (6, (OVER.spans[0].box,))
    assert (after.page, after.boxes) == (7, (OVER.spans[3].box,))


def test_words_over_a_page_break_are_marked_on_one_page_only() -> None:
    (citation,) = resolve("它等待别的进程释放资源。[1]", [OVER]).citations
    assert citation.literal and (citation.page, citation.boxes) == (6, (OVER.spans[1].box,))


def test_a_passage_as_a_whole_is_shown_on_the_page_of_its_chunk() -> None:
    citation = as_citation(1, OVER)
    assert citation.page == 7 and citation.boxes == tuple(span.box for span in OVER.spans[2:])


def test_a_mark_before_the_full_stop_leaves_the_next_claim_literal() -> None:
    cited = resolve("银行家算法避免死锁[2]。安全状态一定不死锁[2]。", [ONE, TWO])
    assert [(one.quote, one.literal) for one in cited.citations] == [("银行家算法避免死锁", True), ("安全状态一定不死锁", True)]
    assert cited.text == "银行家算法避免死锁[2]。安全状态一定不死锁[2]。"


def test_an_introduction_before_a_quote_does_not_make_it_less_literal() -> None:
    (citation,) = resolve("意思最接近的一处是：\n\n安全状态一定不死锁。[2]", [ONE, TWO]).citations
    assert citation.literal and citation.quote == "安全状态一定不死锁。"
