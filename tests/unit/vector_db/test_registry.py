from pathlib import Path

from vector_db.registry import INDEXED, DocumentRecord, Registry


def test_round_trip_and_look_ups(tmp_path: Path) -> None:
    registry = Registry(tmp_path / "deep" / "registry.sqlite3")
    assert registry.all() == [] and not registry.path.exists(), "reading creates nothing"
    saved = registry.save(DocumentRecord("a.pdf", "/x/a.pdf", "00ff", "os", INDEXED, pages=3, chunks=7, unread_pages=(2,)))
    assert registry.get("a.pdf") == registry.by_path("/x/a.pdf") == saved
    assert registry.by_sha256("00ff") == [saved] and saved.unread_pages == (2,) and saved.updated_at.endswith("+00:00")
    registry.save(DocumentRecord("a.pdf", "/x/a.pdf", "11ee", "os"))
    assert [r.sha256 for r in registry.all()] == ["11ee"]
    registry.remove("a.pdf")
    assert registry.get("a.pdf") is None
