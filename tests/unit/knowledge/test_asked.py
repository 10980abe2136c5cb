from collections import Counter

from knowledge.asked import asked_about, read_asked
from knowledge.quotes import squeezed
from knowledge.subjects import SUBJECTS
from knowledge.syllabus import points
from rag.parsing import parse
from rag.splitting import split_pages
from settings import ROOT, load_settings


def test_every_point_has_been_asked_about_and_each_question_once() -> None:
    counts = Counter(asked.point for asked in read_asked())
    assert set(counts) == set(points()) and min(counts.values()) >= 12
    questions = Counter((asked.point, squeezed(asked.question)) for asked in read_asked())
    assert [question for question, n in questions.items() if n > 1] == []
    assert all(5 <= len(asked.question) <= 70 for asked in read_asked())


def test_every_quote_stands_in_a_chunk_of_the_note_on_its_point() -> None:
    settings, found = load_settings(), dict[str, set[str]]()
    for path in sorted((ROOT / "knowledge" / "notes").rglob("*.md")):
        for chunk in split_pages(parse(path, settings), path.name, "0", path.parent.name):
            found.setdefault(chunk.metadata["point"], set()).update(chunk.metadata["asked"].split("\n"))
    lost = [asked for asked in read_asked() if asked.question not in found[asked.point]]
    assert lost == []


def test_questions_of_a_point() -> None:
    assert all(asked.point == "os.3.9" for asked in asked_about("os.3.9")) and asked_about("os.3.9")
    assert asked_about("xx.1") == () and set(SUBJECTS) > {asked.point[:2] for asked in read_asked()}
