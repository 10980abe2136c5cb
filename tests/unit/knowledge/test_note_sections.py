from knowledge.asked import read_asked
from knowledge.note_sections import note_sections


def test_each_question_belongs_to_the_section_that_answers_it() -> None:
    sections = note_sections()
    assert {(s.point, q) for s in sections for q in s.asked} == {(a.point, a.question) for a in read_asked()}
    assert all(s.text and s.heading and s.title and s.point.count(".") == 2 for s in sections)


def test_a_section_has_its_own_heading_and_the_notes_title() -> None:
    traps = [s for s in note_sections() if s.heading == "易错点"]
    assert len(traps) > 150 and all(s.title != "易错点" for s in traps)
    assert not any("{#" in s.title + s.heading for s in note_sections())
