"""The ladder of hints: from a question that makes the student recall, over the place to read and one step, to the solution."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass, replace
from pathlib import PurePosixPath

from rag.citations import Citation
from rag.marks import disarm
from rag.parsing import PAGED_SUFFIXES
from rag.stems import core_of, is_negated
from tutoring.exercise import Exercise
from tutoring.explanation import steps_of
from tutoring.leaks import ChoiceKey, OpenKey, SomeChoice

__all__ = ["RUNGS", "Hint", "hint", "solution", "where"]

RUNGS = 3
"""Hints; the last is the solution."""
_NUMERIC = re.compile(r"\d")
_CLAUSE_END = re.compile(r"(?<=[，。；;])")
_OPEN_STARTS = (
    (
        r"区别|不同|差别|比较|对比|异同",
        "先各用一句话说出它们分别是什么，再想想：可以从哪几个方面来比？",
        "它从哪几个方面作了对照。",
    ),
    (r"步骤|过程|流程|怎么|怎样|如何", "先想第一步：开始之前要具备什么条件，第一步做什么？", "它分几步，每一步改变了什么。"),
    (r"为什么|为何|原因|目的|好处", "反过来想：如果不这样做，会出什么问题？", "它要防止的是什么情形。"),
    (
        r"哪[些几]|几[种个类条]|条件|特[点征]|分类|组成|包括",
        "先回想一共有几条，你能说出其中的哪几条？",
        "它一共列了几条，每一条的头一个词是什么。",
    ),
    (
        r"什么是|是什么|定义|含义|概念|什么叫",
        "先用自己的话说说它是什么，再想想它和哪个相近的概念容易混。",
        "它的定义里有哪几个限定词。",
    ),
)
"""What an open question asks for, what to recall first, and what to look for while reading."""
_OPEN_START, _OPEN_LOOK = "题目给了什么，要求说明什么？先写下你想到的第一个关键词。", "哪一句话和题目问的是同一件事。"
_LONGEST_QUOTE = 160
_MOST_SHOWN = 400


@dataclass(frozen=True)
class Hint:
    """Words of a rung and the place that they send the student to; the citation's mark in `text` is [1]."""

    text: str
    citations: tuple[Citation, ...] = ()


def hint(exercise: Exercise, rung: int, wrong: Collection[str] = ()) -> Hint:
    """The composed hint of a rung, 0 to `RUNGS`. Before the last the key does not stand in it, nor in its citation.

    Args:
        wrong: letters that the student has tried in vain.
    """
    if rung >= RUNGS:
        return solution(exercise)
    return (_recall, _reading, _nearer)[rung](exercise, wrong)


def solution(exercise: Exercise) -> Hint:
    """The key with its reasons, or the reference answer, and the page; for a question that nobody has solved, that."""
    cited = (exercise.place,) if exercise.place else ()
    mark = f"\n\n{_source(exercise.place)}" if exercise.place else ""
    if exercise.solution and isinstance(exercise.key, ChoiceKey):
        solved = exercise.solution
        steps = "\n".join(f"{n}. {step}" for n, step in enumerate(steps_of(solved.reason), 1))
        others = "\n".join(f"- {letter} 项：{reason}" for letter, reason in solved.wrong.items())
        told = disarm(f"**答案：{solved.key}**　{solved.options[solved.key]}\n\n{steps}\n\n{others}")
        return Hint(told + mark, cited)
    if exercise.reference:
        return Hint(f"参考答案（资料原文）：\n\n{_marked(disarm(exercise.reference))}", cited)
    text = "这道题不在题库里，也没有接入语言模型，没有人替它核对过答案，我不能猜一个字母给你。"
    return Hint(text + (f"资料里最接近的地方是：{_quoted(exercise.place)}[1]\n\n请对照它逐项判断。" if mark else ""), cited)


def where(exercise: Exercise) -> tuple[str, tuple[Citation, ...]]:
    """The place to read in words, and its citation without the sentence that answers; ('', ()) if there is none."""
    if exercise.place is None:
        return "", ()
    place = exercise.place
    section = exercise.key.hidden(place.section.split(" > ")[-1])
    paged = PurePosixPath(place.source).suffix.lower() in PAGED_SUFFIXES
    page = f"第 {place.page} 页" if paged else ""
    name = PurePosixPath(place.source).stem
    told = f"《{name}》{page}" + (f"“{section}”" if section else "")
    bare = replace(place, section=section, quote=section or name, context="", boxes=(), literal=False)
    return told, (bare,)


def _recall(exercise: Exercise, wrong: Collection[str]) -> Hint:
    about = _about(exercise)
    opening = f"这道题和“{about}”有关。" if about else ""
    if isinstance(exercise.key, OpenKey):
        return Hint(f"{opening}先不翻书。{_asked_first(exercise.stem)[0]}")
    negated = "注意它要找的是**不成立**的一项。" if is_negated(exercise.stem) else ""
    if _is_computed(exercise):
        ask = "先不急着算：题目给了哪些量，单位各是什么？要求的量由哪几个量决定？把公式或第一步写给我。"
    else:
        ask = "先盖住选项：题目问的那个概念，它的定义或规则你还记得多少？用一句话说说，再告诉我你倾向哪一项、为什么。"
    return Hint(f"{opening}{negated}{ask}")


def _reading(exercise: Exercise, wrong: Collection[str]) -> Hint:
    about, (place, cited) = _about(exercise), where(exercise)
    concept = f"要用到的概念是**{about}**。" if about else "先把题目里的关键词圈出来，逐个想它的定义。"
    read = f"可以读{place}[1]，读的时候只找一件事：" if place else "翻到讲这个概念的那一节，只找一件事："
    look = _asked_first(exercise.stem)[1] if isinstance(exercise.key, OpenKey) else "它的定义里哪一个限定词和题目直接相关。"
    look = "题目里的已知量出现在哪条公式或规则里。" if _is_computed(exercise) else look
    return Hint(f"{concept}{read}{look}\n\n读完试试：现在你会怎么答？", cited)


def _nearer(exercise: Exercise, wrong: Collection[str]) -> Hint:
    key = exercise.key
    if isinstance(key, OpenKey):
        blanked = disarm(key.hidden(exercise.reference))[:_MOST_SHOWN]
        _, cited = where(exercise)
        return Hint("这是资料里的原话，关键词先空着，你来填：\n\n> " + blanked.replace("\n", "\n> ") + _mark(cited), cited)
    if exercise.solution and isinstance(key, ChoiceKey):
        step = _first_steps(exercise, key)
        struck = _struck_out(exercise, key, wrong)
        chosen = [step, struck] if _is_computed(exercise) else [struck, step]
        if text := next(filter(None, chosen), ""):
            return Hint(f"{text}\n\n接下来呢？再往前走一步。")
    blanked = disarm(key.hidden(exercise.place.quote)) if exercise.place and isinstance(key, ChoiceKey) else ""
    if isinstance(key, SomeChoice) and exercise.place:
        blanked = _quoted(exercise.place)
    if blanked:
        _, cited = where(exercise)
        return Hint(
            "对照资料里的这句话，逐项看哪些对得上：\n\n> " + blanked[:_MOST_SHOWN].replace("\n", "\n> ") + _mark(cited), cited
        )
    return Hint("把每个选项改写成一句完整的判断，分别问自己：它和定义的哪个词冲突？先去掉你最有把握排除的一项，说说理由。")


def _first_steps(exercise: Exercise, key: ChoiceKey) -> str:
    """The beginning of the solution, at most half of its clauses, as far as it does not hold the key."""
    assert exercise.solution
    clauses = [c for step in steps_of(exercise.solution.reason) for c in _CLAUSE_END.split(step) if c.strip()]
    kept = ""
    for clause in clauses[: max(len(clauses) // 2, 1)] if len(clauses) > 1 else []:
        if key.in_(kept + clause):
            break
        kept += clause
    kept = kept.strip("，；; ")
    return f"第一步可以这样走：{kept}……" if len(kept) >= 6 else ""


def _struck_out(exercise: Exercise, key: ChoiceKey, wrong: Collection[str]) -> str:
    """One wrong option less, with the reason; never so many that only the key is left."""
    assert exercise.solution
    left = [letter for letter in exercise.solution.wrong if letter not in wrong]
    if len(left) < 2:
        return ""
    safe = [letter for letter in left if not key.in_(f"{letter}项{exercise.solution.wrong[letter]}")]
    letter = safe[0] if safe else left[0]
    reason = exercise.solution.wrong[letter] if safe else "想想它和定义的哪个词冲突。"
    shown = "" if key.in_(key.options[letter]) else f"（{key.options[letter]}）"
    return f"可以先划掉 {letter} 项{shown}：{reason}"


def _asked_first(stem: str) -> tuple[str, str]:
    """What to recall and what to look for, by the words of an open question."""
    found = ((start, look) for pattern, start, look in _OPEN_STARTS if re.search(pattern, stem))
    return next(found, (_OPEN_START, _OPEN_LOOK))


def _about(exercise: Exercise) -> str:
    """The name of the point, if it does not name the answer; else what the stem asks about."""
    name = exercise.point.name if exercise.point else ""
    if not name or exercise.key.in_(name) or "____" in exercise.key.hidden(name):
        core = core_of(exercise.stem)
        return core if len(core) <= 16 and not isinstance(exercise.key, OpenKey) else ""
    return name


def _is_computed(exercise: Exercise) -> bool:
    key = exercise.key
    return isinstance(key, ChoiceKey) and sum(bool(_NUMERIC.search(o)) for o in key.options.values()) >= 3


def _source(place: Citation) -> str:
    """The words of a page, or where to find them if they are many."""
    if len(place.quote) <= _LONGEST_QUOTE:
        return f"资料原文：{_marked(_quoted(place))}"
    return f"可以对照《{PurePosixPath(place.source).stem}》“{place.section.split(' > ')[-1]}”[1]。"


def _marked(words: str) -> str:
    """Words with their mark, apart from a letter or a table, of which it would be a part."""
    last = words.rsplit("\n", 1)[-1]
    return f"{words}\n\n[1]" if "|" in last or "\t" in last else f"{words}{' ' if words[-1:].isascii() else ''}[1]"


def _quoted(place: Citation | None) -> str:
    return disarm(place.quote) if place else ""


def _mark(cited: tuple[Citation, ...]) -> str:
    return "\n\n（出处[1]）" if cited else ""
