"""What to do in the week after an exam: by rules, from what was lost, what is mastered, and where the time went."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from knowledge.subjects import SUBJECTS
from knowledge.syllabus import points
from tutoring.mastery import Mastery
from tutoring.mock_exam.losses import Loss
from tutoring.mock_exam.paper import shown_points
from tutoring.mock_exam.report import Report
from tutoring.mock_exam.timing import clock_face

__all__ = ["Advice", "advice_of"]

_POINTS = 5
"""Points of a week: one a day, and two days to repeat."""
_WEAK, _FIRM = 0.5, 0.75
_DRILLS = {"weak": 15, "unsure": 10, "firm": 5}
_LONG_SECONDS = 240
"""A choice question has about a minute and a half; who stays for four has lost a second one."""
_LEFT_EMPTY = 3


@dataclass(frozen=True)
class Advice:
    """One thing to do. `point` is the knowledge point that it is about; '' if none."""

    text: str
    point: str = ""


def advice_of(report: Report, masteries: Mapping[str, Mastery]) -> list[Advice]:
    """What to do, in its order."""
    found = []
    if report.open_marks:
        found.append(Advice(f"今天：对照参考答案，把综合题里 {report.open_marks} 个待定的评分点自评完，分数才能定下来。"))
    found += [_drill(day, loss, report, masteries) for day, loss in enumerate(report.losses[:_POINTS], 1)]
    found += _of_time(report)
    if report.losses or report.open_marks:
        found.append(Advice("第 6、7 天：到“错题本”复习到期的题；周末换一套新卷再模考一次，和这次比较。"))
    else:
        found.append(Advice("这一套没有失分。到“进度”里找还没练过的考点，或者换一套新卷。"))
    return found


def _drill(day: int, loss: Loss, report: Report, masteries: Mapping[str, Mastery]) -> Advice:
    point, page = points()[loss.point], report.exam.marking.pages.get(loss.point)
    looked = loss.point in report.exam.marking.pages
    nothing = "资料里没有找到讲它的页（可在“资料”里加入讲义），先回忆定义和步骤" if looked else "先回忆定义和步骤"
    read = f"先看{page.label}" if page else nothing
    need = _weak_need(loss.point, masteries)
    first = f"先补它的前提“{need}”；" if need else ""
    n = _DRILLS[_state(masteries.get(loss.point))]
    where = SUBJECTS[point.subject].name
    return Advice(
        f"第 {day} 天（{where}·{point.name}，失 {shown_points(loss.lost)} 分）：{first}{read}，再练 {n} 道“{point.name}”。",
        loss.point,
    )


def _state(mastery: Mastery | None) -> str:
    if mastery is None or not mastery.attempts:
        return "unsure"
    return "weak" if mastery.mean < _WEAK else "firm" if mastery.low >= _FIRM else "unsure"


def _weak_need(point: str, masteries: Mapping[str, Mastery]) -> str:
    """The name of the weakest point that this one requires, if answers have shown it to be weak."""
    required = [masteries[r] for r in points()[point].requires if r in masteries]
    weak = [mastery for mastery in required if mastery.attempts and mastery.mean < _WEAK]
    return points()[min(weak, key=lambda mastery: mastery.mean).point].name if weak else ""


def _of_time(report: Report) -> list[Advice]:
    exam, found = report.exam, list[Advice]()
    if len(report.unanswered) >= _LEFT_EMPTY and report.used >= exam.timing.limit * 0.98:
        found.append(
            Advice(
                f"时间：到点时还有 {len(report.unanswered)} 题空着。下次选择题每题控制在一分半钟左右，不会的先标记、跳过，最后回头。"
            )
        )
    long = [(n, s) for n, s in report.slowest if exam.paper.question(n) and s >= _LONG_SECONDS]
    if long:
        told = "、".join(f"第 {n} 题 {clock_face(s)}" for n, s in long)
        found.append(Advice(f"时间：{told}，用得太久。把这类题的步骤写成固定套路，再限时练。"))
    return found
