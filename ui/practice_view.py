"""How a question looks before and after its answer. HTML and Markdown only; every word of a question is escaped."""

from __future__ import annotations

from datetime import datetime
from html import escape

from knowledge.subjects import SUBJECTS
from knowledge.syllabus import points
from tutoring.practice.choosing import Nothing
from tutoring.practice.days import day_of
from tutoring.practice.desk import Asked
from tutoring.practice.plan import Plan
from tutoring.practice.scheduling import Rating
from ui.picking import button_html
from ui.question_text import plain_markdown

__all__ = [
    "about_html",
    "day_told",
    "explanation_markdown",
    "nothing_html",
    "options_html",
    "points_told",
    "stem_markdown",
    "today_html",
    "verdict_html",
]

_NAMES = {"subject": "科目", "chapter": "章", "point": "考点", "difficulty": "难度", "kind": "题型", "only": "只看"}
_RATINGS = ((Rating.Hard, "有点勉强", "会更早再来"), (Rating.Good, "刚好", ""), (Rating.Easy, "太简单", "会更晚再来"))


def about_html(asked: Asked) -> str:
    """Where the question belongs."""
    question = asked.question
    kind = "计算题 · 每次换新数" if question.family else "书面题"
    stars = f"<span title='难度 {question.difficulty} / 5' aria-label='难度 {question.difficulty}，共 5 级'>{'●' * question.difficulty}{'○' * (5 - question.difficulty)}</span>"
    where = [SUBJECTS[question.subject].name, points_told(question.points)]
    return f"<div class='q-about'>{''.join(f'<span>{escape(w)}</span>' for w in where if w)}{stars}<span>{kind}</span></div>"


def points_told(on: tuple[str, ...]) -> str:
    """Names of syllabus points."""
    return "、".join(points()[p].name for p in on if p in points())


def stem_markdown(asked: Asked) -> str:
    """The stem; with options that a button can't show, those too."""
    stem = plain_markdown(asked.question.stem)
    if not _in_stem(asked):
        return stem
    return stem + "\n\n" + "\n\n".join(f"**{letter}.** {plain_markdown(text)}" for letter, text in asked.listed.options.items())


def options_html(asked: Asked) -> str:
    """Four buttons and 不会; after the answer what was right and what was chosen, by sign and word, not by colour alone."""
    rows = "".join(_option(asked, letter, text) for letter, text in asked.listed.options.items())
    off = " disabled" if asked.chosen is not None else ""
    unsure = (
        ""
        if asked.chosen
        else f"<button type='button' class='q-unsure' data-pick='' data-act='answer'{off}>不会，看解析</button>"
    )
    return f"<div class='q-options' role='group' aria-label='选项'>{rows}{unsure if asked.chosen is None else ''}</div>"


def _option(asked: Asked, letter: str, text: str) -> str:
    done = asked.chosen is not None
    sign, css = "", ""
    if done and letter == asked.listed.key:
        sign, css = "✓ 正确答案", " right"
    elif done and letter == asked.chosen:
        sign, css = "✗ 你选的", " wrong"
    if done and asked.right and letter == asked.chosen:
        sign = "✓ 你选对了"
    shown = "" if _in_stem(asked) else f"<span class='q-words'>{escape(text)}</span>"
    tail = f"<span class='q-sign'>{sign}</span>" if sign else ""
    return (
        f"<button type='button' class='q-option{css}' data-pick='{letter}' data-act='answer' data-letter='{letter}'"
        f"{' disabled' if done else ''}><b>{letter}</b>{shown}{tail}</button>"
    )


def _in_stem(asked: Asked) -> bool:
    """Whether the options have formulas, code or lines, which a button doesn't show."""
    return any(sign in option for option in asked.question.options for sign in ("$", "`", "\n"))


def verdict_html(asked: Asked, now: datetime, others: int) -> str:
    """Right or wrong, when the question comes back, and how hard it was. '' while it is open."""
    if asked.chosen is None:
        return ""
    key = asked.listed.key
    if asked.right:
        head, css = "✓ 答对了", "right"
    else:
        head, css = (f"✗ 答错了，正确答案是 {key}" if asked.chosen else f"○ 不会也没关系，正确答案是 {key}"), "wrong"
    seconds = f"<small>用时 {_seconds(asked.seconds)}</small>" if asked.seconds is not None else ""
    same = f"<small>同考点还有 {others} 道没做过的书面题</small>" if others and not asked.right else ""
    return (
        f"<div class='q-verdict {css}' role='status'><b>{head}</b>{seconds}<small>{_comes_back(asked, now)}</small>{same}</div>"
        f"{_ratings(asked)}"
    )


def _seconds(seconds: int) -> str:
    if seconds < 60:
        return f"{seconds} 秒"
    return f"{seconds // 60} 分 {seconds % 60} 秒" if seconds < 3600 else "一个多小时"


def _comes_back(asked: Asked, now: datetime) -> str:
    card = asked.card
    if card is None or card.removed:
        return ""
    kind = "换一组数再考你" if asked.question.family else "选项会换顺序"
    when = day_told(card.due, now)
    if not asked.right:
        return f"已放进错题本，{when}复习（{kind}）"
    return f"{'已掌握，' if card.mastered else ''}下次复习：{when}"


def day_told(moment: datetime, now: datetime) -> str:
    """A day as it is said today."""
    days = (day_of(moment) - day_of(now)).days
    near = {0: "今天", 1: "明天", 2: "后天"}
    if days < 0:
        return f"{-days} 天前"
    day = day_of(moment)
    year = f"{day.year} 年 " if day.year != day_of(now).year else ""
    return near.get(days) or f"{year}{day.month} 月 {day.day} 日（{days} 天后）"


def _ratings(asked: Asked) -> str:
    """How a right answer felt. Without a card there is only one thing to say: that it should come back."""
    if not asked.right:
        return ""
    wanted = _RATINGS if asked.card else _RATINGS[:1]
    buttons = "".join(
        button_html(("● " if rating == asked.rating else "") + name, str(int(rating)), "rate", told or name,
                    "quiet-button" + (" chosen" if rating == asked.rating else ""))
        for rating, name, told in wanted
    )  # fmt: skip
    asks = "感觉如何？" if asked.card else "答得没把握？收进错题本，过几天再来："
    return f"<div class='q-ratings'><small>{asks}</small>{buttons}</div>"


def explanation_markdown(asked: Asked) -> str:
    """Why the key is right, and why each other option is not, with the letters as they are listed."""
    if asked.chosen is None:
        return ""
    solved = asked.listed.explained
    rows = [f"**为什么选 {solved.key}**", plain_markdown(solved.reason)] if solved.reason else [f"**正确答案：{solved.key}**"]
    rows += [f"**{letter} 为什么不对**　{plain_markdown(why)}" for letter, why in solved.wrong.items()]
    return "\n\n".join(rows)


def nothing_html(nothing: Nothing) -> str:
    """Which filter to loosen, and what that would give."""
    head = "<b>没有同时符合这些条件的题。</b>"
    if not nothing.loosened:
        return f"<div class='q-nothing'>{head}<span>单独放宽哪一项都还没有，请同时放宽几项，或点“清除条件”。</span></div>"
    rows = "".join(
        f"<li>放宽“{_NAMES[one.filter]}”：{one.written} 道书面题，{one.computed} 类计算题（每类题目无穷）</li>"
        for one in nothing.loosened
    )
    return f"<div class='q-nothing'>{head}<ul>{rows}</ul></div>"


def today_html(done: int, right: int, plan: Plan, now: datetime) -> str:
    """What was done today of what was planned, and the days that are left."""
    share = min(done / plan.daily_goal, 1)
    enough = "　✓ 今天的目标完成了" if done >= plan.daily_goal else ""
    left = plan.days_left(now)
    exam = (
        ""
        if left is None
        else f"距考试 {left} 天"
        if left > 0
        else "今天考试，祝顺利"
        if left == 0
        else "考试日期已过，请在“进度”里设新的日期"
    )
    told = f"今天 {done} / {plan.daily_goal} 题" + (f"，对 {right}" if done else "") + enough
    return (
        f"<div class='q-today'><span>{told}</span><span class='q-bar' role='progressbar' aria-valuemin='0' aria-valuemax='{plan.daily_goal}' "
        f"aria-valuenow='{min(done, plan.daily_goal)}' aria-label='今天的目标'><i style='width:{share:.0%}'></i></span><span>{exam}</span></div>"
    )
