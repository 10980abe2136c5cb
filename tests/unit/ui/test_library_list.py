from knowledge.syllabus import points
from ui.library_list import coverage_html, documents_html, ordered, uploads_html
from ui.uploads import Upload
from vector_db.registry import DocumentRecord

EVIL = "<img src=x onerror=alert(1)>'\".pdf"


def record(source: str, state: str = "indexed", **others: object) -> DocumentRecord:
    return DocumentRecord(source, f"upload:{source}", "00ff", "os", state, **({"pages": 3, "chunks": 9} | others))


def test_what_needs_attention_stands_first_then_the_latest() -> None:
    records = [record("旧.pdf", updated_at="1"), record("新.pdf", updated_at="2"), record("坏.pdf", "failed", updated_at="0")]
    assert [r.source for r in ordered(records)] == ["坏.pdf", "新.pdf", "旧.pdf"]
    assert [r.source for r in ordered(records, " 新 ")] == ["新.pdf"]


def test_a_row_says_what_is_wrong_and_opens_the_doubtful_pages() -> None:
    html = documents_html(
        [record("a.pdf", doubtful_pages=(2, 7), ocr_pages=(2, 3, 7), unread_pages=(5,), reasons={5: "没有文字"})], True
    )
    assert all(f'data-act="page:{page}"' in html for page in (2, 5, 7)) and "可信度低" in html and "3 页由 OCR 识别" in html
    assert 'data-act="retry"' in html and 'data-act="delete"' in html


def test_who_may_not_change_documents_sees_no_button_for_it() -> None:
    html = documents_html([record("a.pdf", "failed", error="加了密码。")], False)
    assert "加了密码。" in html and "delete" not in html and "retry" not in html
    assert "data-act" not in uploads_html([Upload("1", "a.pdf", "failed")], False)


def test_names_and_reasons_are_text() -> None:
    for html in (
        documents_html([record(EVIL, "failed", error=EVIL, reasons={1: EVIL}, unread_pages=(1,))], True),
        uploads_html([Upload(EVIL, EVIL, "failed", said=EVIL)], True),
        coverage_html([], EVIL),
    ):
        assert "<img" not in html and "onerror=alert(1)>'" not in html


def test_an_upload_tells_its_page() -> None:
    reading = uploads_html([Upload("1", "a.pdf", "reading", 4, 9, True)], True)
    assert "正在读第 5 / 9 页（OCR 识别）" in reading and "<progress" in reading
    assert "已入库，9 页" in uploads_html([Upload("1", "a.pdf", "done", 9, 9)], True)


def test_points_of_a_document_stand_by_chapter() -> None:
    two = [(points()["os.3.3"], 2), (points()["os.3.9"], 1)]
    html = coverage_html(two, "")
    assert html.count("<b>") == 1 and "信号量" in html and "2 页" in html and "2 个" in html


def test_ten_thousand_documents_are_not_all_sent() -> None:
    html = documents_html([record(f"{i}.pdf") for i in range(10_000)], True)
    assert html.count("<li>") == 300 and "9700 份没有列出" in html
