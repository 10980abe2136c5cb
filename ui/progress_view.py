"""What the tab 进度 says of today, of the weak points and of the days, as HTML: every word that is not ours is escaped."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from knowledge.subjects import SUBJECTS
from knowledge.syllabus import KnowledgePoint, points
from tutoring.mastery import Mastery
from tutoring.progress import Progress, Step, by_need
from tutoring.standing import STANDINGS, Standing, standing_of
from ui.picking import button_html
from ui.plots import Estimate, bars, interval_bars

__all__ = ["days_html", "estimate_told", "practice_button", "subjects_html", "today_html", "uncovered_html", "weak_html"]

_MOST_WEAK, _MOST_UNSURE = 8, 4


def today_html(progress: Progress) -> str:
    """What is due, what is done, and what comes next."""
    goal, done = progress.plan.daily_goal, progress.done
    figures = [
        ("due", str(progress.due), "道到期要复习"),
        ("done", f"{done} / {goal}", "道，今天做了 / 目标"),
        ("streak", str(progress.streak), "天连续学习"),
    ]
    if (left := progress.days_left) is not None:
        told = (str(left), "天后考试") if left > 0 else ("今天", "考试，加油") if left == 0 else ("已过", "考试日期，请改计划")
        figures.append(("left", *told))
    tiles = "".join(f"<div id='progress-{i}'><b>{number}</b><span>{told}</span></div>" for i, number, told in figures)
    bar = f"<progress max='{goal}' value='{min(done, goal)}' aria-label='今天的目标：做了 {done} 道，目标 {goal} 道'></progress>"
    return (
        f"<div class='progress-card card'><h3>今天</h3><div class='progress-figures'>{tiles}</div>{bar}{_steps(progress)}</div>"
    )


def _steps(progress: Progress) -> str:
    if not progress.steps:
        kept = "明天再来，连续天数会接着算。" if progress.streak else ""
        return f"<p id='progress-steps'>今天的任务都完成了。{kept}</p>"
    rows = "".join(f"<li>{_step(step)}</li>" for step in progress.steps)
    rest = (
        ""
        if progress.done or not progress.streak
        else f"<p class='quiet'>今天还没有做题；做一道就能把连续 {progress.streak} 天接上。</p>"
    )
    return f"<ol id='progress-steps'>{rows}</ol>{rest}"


def _step(step: Step) -> str:
    if step.point is None:
        return f"<span>复习 {step.number} 道到期的错题</span>{_go('错题本', '去复习')}"
    return f"<span>新题 {step.number} 道：{escape(step.point.name)}</span>{practice_button(step.point)}"


def _go(tab: str, told: str) -> str:
    return f"<button type='button' class='quiet-button' data-go-tab='{tab}'>{told}</button>"


def practice_button(point: KnowledgePoint, told: str = "练习") -> str:
    """A button that opens the tab 练习 on a point."""
    name = escape(point.name)
    return f"<button type='button' class='quiet-button' data-practice-point='{escape(point.id)}' aria-label='练习 {name}'>{told}</button>"


def weak_html(progress: Progress) -> str:
    """The weak points, those that nothing sure can be said of yet, and how many were never practised."""
    ranked = by_need(progress.belief.points.values())
    groups = {standing: [m for m in ranked if standing_of(m) == standing] for standing in STANDINGS}
    if not progress.total:
        return (
            "<div class='progress-card card'><h3>薄弱考点</h3><p>还没有做过题。做 20 道左右，这里就会列出最该补的考点。</p></div>"
        )
    parts = ["<h3>薄弱考点</h3>"]
    if groups["weak"]:
        parts.append(_listed("progress-weak", groups["weak"][:_MOST_WEAK]))
    else:
        parts.append("<p class='quiet'>目前没有能确定薄弱的考点。</p>")
    if groups["unsure"]:
        parts.append(f"<h4>{STANDINGS['unsure']}<small>做的题还少，再练几道才能下结论</small></h4>")
        parts.append(_listed("progress-unsure", groups["unsure"][:_MOST_UNSURE]))
    counts = "，".join(f"{STANDINGS[s]} {len(groups[s])}" for s in ("weak", "unsure", "firm", "new"))
    parts.append(f"<p class='quiet' id='progress-counts'>{len(ranked)} 个考点：{counts}。</p>")
    return f"<div class='progress-card card'>{''.join(parts)}</div>"


def _listed(elem_id: str, masteries: Sequence[Mastery]) -> str:
    rows = "".join(_weak_row(points()[m.point], m) for m in masteries)
    return f"<ul class='progress-list' id='{elem_id}'>{rows}</ul>"


def _weak_row(point: KnowledgePoint, mastery: Mastery) -> str:
    subject = SUBJECTS[point.subject].name
    page = button_html("看讲义", point.id, "page", f"打开讲 {point.name} 的页面", "quiet-button")
    return (
        f"<li><div><b>{escape(point.name)}</b><small>{subject}　考查频率{escape(point.weight)}　{estimate_told(mastery)}</small></div>"
        f"<div class='progress-acts'>{page}{practice_button(point)}</div></li>"
    )


def estimate_told(mastery: Mastery) -> str:
    """A mastery in words, with what it lies between."""
    if not mastery.attempts:
        return STANDINGS["new"]
    return f"掌握约 {mastery.mean:.0%}（{mastery.low:.0%}–{mastery.high:.0%}），{mastery.attempts} 道题"


def subjects_html(progress: Progress) -> str:
    """Mastery of each subject with its interval, and the share of right answers with its own."""
    rows = [
        Estimate(SUBJECTS[record.subject].name, record.mastery.low, record.mastery.mean, record.mastery.high)
        for record in progress.subjects
    ]
    told = "".join(
        f"<tr><th scope='row'>{SUBJECTS[r.subject].name}</th><td>{r.done}</td><td>{_share(r.right, r.done)}</td>"
        f"<td>{f'{r.interval.low:.0%}–{r.interval.high:.0%}' if r.done else '—'}</td></tr>"
        for r in progress.subjects
    )
    table = (
        f"<table><thead><tr><th>科目</th><th>做题</th><th>正确率</th><th>95% 区间</th></tr></thead><tbody>{told}</tbody></table>"
    )
    about = "点是估计的掌握程度（不靠猜，做对一道中等难度题的把握），色带是 90% 可信区间；没练过的考点按同科其他考点推断，所以题少时色带很宽。"
    return f"<div class='progress-card card'><h3>各科掌握</h3>{interval_bars(rows, '各科掌握程度与可信区间')}<p class='quiet'>{about}</p>{table}</div>"


def _share(right: int, done: int) -> str:
    return f"{right / done:.0%}" if done else "—"


def days_html(progress: Progress) -> str:
    """Answers on each of the last 30 days."""
    active = [day for day in progress.days if day.done]
    said = "；".join(f"{day.day:%m-%d} {day.done} 道，对 {day.right} 道" for day in active) or "这 30 天还没有做题"
    values = [(f"{day.day:%m-%d}", float(day.done)) for day in progress.days]
    plot = bars(values, "最近 30 天每天做题数", said, float(progress.plan.daily_goal))
    count = sum(day.done for day in progress.days)
    return (
        f"<div class='progress-card card'><h3>最近 30 天</h3>{plot}<p class='quiet'>共 {count} 道，虚线是每天的目标。</p></div>"
    )


def uncovered_html(missing: Sequence[KnowledgePoint], status: str) -> str:
    """The points that the student's documents don't treat, by chapter, with what to add."""
    if status:
        return f"<p id='progress-uncovered'>{escape(status)}。完成后这里会列出资料没有讲到的考点。</p>"
    if not missing:
        return "<p id='progress-uncovered'>每个考点都有资料讲到。</p>"
    chapters: dict[tuple[str, str], list[str]] = {}
    for point in missing:
        chapters.setdefault((SUBJECTS[point.subject].name, point.chapter_name), []).append(point.name)
    rows = "".join(
        f"<li><b>{subject} · {escape(chapter)}</b>{''.join(f'<span>{escape(name)}</span>' for name in names)}</li>"
        for (subject, chapter), names in chapters.items()
    )
    about = (
        f"有 {len(missing)} 个考点在你的资料里没有找到讲解（随附的笔记都有简要说明）。"
        "把下面这些章的教材、讲义或课件加到“资料”，入库后会自动重新对照。"
    )
    return f"<div id='progress-uncovered'><p>{about}{_go('资料', '去添加')}</p><ul class='progress-missing'>{rows}</ul></div>"


def standing_chip(standing: Standing) -> str:
    """A standing as a small mark."""
    return f"<span class='chip {standing}'>{STANDINGS[standing]}</span>"
