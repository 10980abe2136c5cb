"""Which pairs of a model may be learned from: those that stand alone and that their passage bears out."""

from __future__ import annotations

import re

from finetune.making.claims import unborne
from rag.citations import locate
from rag.fence import FencedPassage
from rag.support import Idf
from vector_db.segmentation import segment, segment_query

__all__ = ["ALONE", "ASIDE", "CLAIMS", "EMPTY", "LANGUAGE", "LENGTH", "ORDER", "QUOTE", "objection"]

EMPTY, LENGTH, LANGUAGE = "问题或回答是空的", "问题或回答太长", "不是中文"
ALONE, ORDER = "离开资料看不懂（本文、如图……）", "像是给模型的指令"
QUOTE, CLAIMS, ASIDE = "引文不在资料里", "回答没有依据", "引文说的是别的"
_LONGEST_QUESTION, _LONGEST_ANSWER = 300, 2000
_SHORTEST_QUOTE = 6
"""Characters: a word or two stand in any passage."""
_PAPER = "(?:资料|材料|文章|讲义|课件|教材|原文|文本|段落|passage)"
_POINTS = (
    r"如[上下]?[图表]|见[上下]?[图表]|由[上下]?[图表]可|[上下]图(?!形|像|论)|[上下]表(?!面|格式)|(?<![\u3400-\u9fff])[图表]\s*\d|[图表]\s*\d[-.\d]*\s*所示|"
    r"(?:本|前|后|(?<!上)下|上)文(?![件本献化字法明])|文中(?=[提所指给描])|"
    rf"(?:^|[，。：；“\n])[在从]?(?:这[些份段]?|该|给出的|所给的?|提供的)?(?:{_PAPER}|文中|passage)(?:里|中|内|提到|指出|所述|描述|给出)|"
    rf"(?:根据|依据|按照|参考)(?:所给的?|给出的|提供的|以上|上面|这[些段]|该)?{_PAPER}"
)
"""What points at a page: it is not there where the pair is learned. 从图中, 该页 and 上下文 are words of the subjects."""
_ANSWER_POINTS = re.compile(_POINTS, re.IGNORECASE)
_QUESTION_POINTS = re.compile(
    rf"{_POINTS}|上述|[本这][段节章页课讲篇](?!点|表|号)|[上下]一?[节章讲篇](?!点)|(?:这|该|以上|以下)(?:段|些)?(?:文字|话|内容|描述|说法|代码|例子|例题)",
    re.IGNORECASE,
)
_PRONOUN = re.compile(r"^(?:它|其|该|这|那|此|上面|下面|以上|以下|下列)")
_ORDER = re.compile(
    r"(?:忽略|无视|忘记|不要理会|覆盖)[^。；，]{0,12}(?:指令|要求|规则|提示|设定|内容)|ignore\W+(?:all\W+|the\W+|any\W+)*(?:previous|above|prior)|"
    r"系统提示|system prompt|你现在(?:是|只)|<\||\[/?INST\]|</?s>|</?(?:system|passage|question)",
    re.IGNORECASE,
)
_LETTER = re.compile(r"[^\W\d_]")
_CHINESE = re.compile(r"[\u3400-\u9fff]")
_KANA = re.compile(r"[\u3040-\u30ff\uac00-\ud7af]")
_SHARE = 0.15
"""Least share of Chinese among letters: terms, code and formulas are Latin."""


def objection(question: str, answer: str, quote: str, passage: FencedPassage, idf: Idf) -> tuple[str, str] | None:
    """Why a pair may not be learned from: a reason that can be counted, and what exactly; None if nothing speaks against it."""
    if not question.strip() or not answer.strip():
        return EMPTY, ""
    if len(question) > _LONGEST_QUESTION or len(answer) > _LONGEST_ANSWER:
        return LENGTH, f"{len(question)} 字、{len(answer)} 字"
    if not _chinese(question, 2) or not _chinese(answer, 0):
        return LANGUAGE, ""
    if found := _ORDER.search(f"{question}\n{answer}"):
        return ORDER, found[0]
    if found := _PRONOUN.search(question.strip()) or _QUESTION_POINTS.search(question) or _ANSWER_POINTS.search(answer):
        return ALONE, found[0]
    if len("".join(quote.split())) < _SHORTEST_QUOTE or not locate(quote, passage.text):
        return QUOTE, quote[:60]
    if why := unborne(question, answer, passage, idf):
        return CLAIMS, why
    return None if set(segment(quote)) & set(segment_query(f"{question}\n{answer}")) else (ASIDE, quote[:60])


def _chinese(text: str, least: int) -> bool:
    """Whether a text is Chinese; one of hardly any letters (a number, a formula) is of no language."""
    letters, chinese = len(_LETTER.findall(text)), len(_CHINESE.findall(text))
    if chinese < least or _KANA.search(text):
        return False
    return letters < 12 or chinese >= _SHARE * letters
