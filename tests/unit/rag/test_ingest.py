from pathlib import Path

import pytest

from rag.ingest import IngestReport, find_documents, main
from rag.library import Outcome
from vector_db.registry import DocumentRecord


def test_files_below_a_folder_with_their_sources(write, tmp_path: Path) -> None:
    for name in ("os/a.pdf", "os/deep/b.MD", "os/.hidden.md", "os/.git/c.md", "os/~$d.docx", "os/pic.svg"):
        write(name, "x")
    documents, skipped = find_documents([tmp_path / "files" / "os", tmp_path / "missing.pdf"])
    assert [source for _, source in documents] == ["os/a.pdf", "os/deep/b.MD", "missing.pdf"]
    assert [Path(p).name for p in skipped] == ["pic.svg"]
    assert find_documents([tmp_path / ("长" * 300 + ".pdf")])[0][0][1].endswith(".pdf")


def test_report_counts_and_names() -> None:
    report = IngestReport()
    record = DocumentRecord(
        "a.pdf", "/a.pdf", "00", "os", "indexed", pages=5, chunks=9, unread_pages=(2, 3), reasons={2: "空白页"}, pictures=4
    )
    report.note(Outcome("/a.pdf", "added", record))
    report.note(Outcome("/b.pdf", "failed", error="坏了"))
    result = report.to_json()
    assert {k: result[k] for k in ("documents", "added", "updated", "unchanged", "pages", "ocr_pages", "chunks")} == {
        "documents": 2, "added": 1, "updated": 0, "unchanged": 0, "pages": 3, "ocr_pages": 0, "chunks": 9,
    }  # fmt: skip
    assert result["failed"] == [{"path": "/b.pdf", "error": "坏了"}] and result["unread_pictures"] == [
        {"path": "/a.pdf", "count": 4}
    ]
    assert result["unread"] == [{"path": "/a.pdf", "pages": [2, 3], "reasons": {"2": "空白页", "3": "没有读到文字"}}]


def test_usage_is_exit_2(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        main([])
    assert "请给出" in capsys.readouterr().err
    assert main(["x", "--subject", "math"]) == 2
