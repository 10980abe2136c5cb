"""What the tab 模考 shows, as HTML: the palette, the list of exams before."""

import re
from dataclasses import replace
from datetime import timedelta

from tests.unit.tutoring.mock_exam.samples import NOON, exam, short
from tutoring.mock_exam.exam import DONE
from ui.exam_history import history_html
from ui.exam_sheet import palette_html


def test_the_palette_says_which_number_is_shown() -> None:
    html = palette_html(exam(), 41)
    current = re.findall(r'<button aria-current="step"[^>]*data-pick="(\d+)"', html)
    assert current == ["41"] and html.count("<button") == 47 and html.count("aria-current") == 1


def test_a_damaged_exam_can_be_deleted_from_the_list() -> None:
    html = history_html([], "", [("e9", "整卷模考 <9>")])
    assert (
        "读不出来" in html and "整卷模考 &lt;9&gt;" in html and 'data-pick="e9" data-act="ask"' in html and "看成绩单" not in html
    )
    assert 'data-act="delete"' in history_html([], "e9", [("e9", "9")]) and "还没有考过" in history_html([])


def test_the_curve_of_the_points_begins_with_the_second_exam() -> None:
    done = [
        exam(short(), id=f"e{n}", state=DONE, created_at=NOON + timedelta(days=n), submitted_at=NOON + timedelta(days=n))
        for n in range(2)
    ]
    assert "<svg" not in history_html(done[:1]) and "得分率（%）</p><svg" in history_html(done)
    assert "<svg" not in history_html([done[0], replace(done[1], state="abandoned")])
