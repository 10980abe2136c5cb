"""Words by which a reply takes its answer back, or contradicts it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from eval.extraction.claim import Claim
from eval.extraction.denials import CLAUSE, SENTENCE, is_supposed

__all__ = ["contradiction", "retreat"]

_BACK = re.compile(
    r"(?:^|[\s。!?,;»)])(?:不对|等等|等一下|等下|稍等|且慢|重新(?:计算|考虑|检查|审|分析|算|看)|再检查|再想|我(?:刚才|上面|前面)?[^。\n]{0,6}错了"
    r"|(?:wait|hold on|actually|hmm|let me (?:re|double))\b)",
    re.I,
)
_CONFIRMED = re.compile(r"无误|没有?问题|没错|确认|仍然?[是为选]|依然|confirmed|still|indeed", re.I)
_AGAIN = r"重新(?:计算|考虑|检查|审题|审视|分析|算|看|核对|推导|梳理)(?:一下|一遍|一次|后|得|[,:。.…]|\n|$)"
_CORRECTED = re.compile(
    rf"(?:^|[\n。!?»)(:…—] ?[\-•(—…]{{0,3}} ?)(?:不对[,。!.…]|等等(?=[,。….!:;\n ]|这|我|题|好像|不|$)|等一下|等下|稍等|且慢|慢着|(?:[哦噢啊]?[,!]? ?)?看错|仔细(?:一想|想想|看)|细想|再想|再仔细|自查|抱歉|对不起|哎呀|糟|更正|订正|勘误|纠正|修正(?=后|为|答案|:|如下|一下)|(?:让)?(?:我们?)?(?:再)?{_AGAIN}|再检查|再想"
    r"|(?:wait|hold on|hmm|correction|sorry|oops)\b|actually,|let me (?:re|double))"
    r"|(?:我|上面|上述|以上|上文|前面|之前|刚才|此前)的?(?:答案|计算|推导|推理|分析|结果|解答|回答|过程|判断|结论|步骤|选择|算|写|看|把|选)[^。\nA-D]{0,16}?(?:错了|有误|有错|不对|错误|算错|看错|写错|反了)"
    r"|(?:答案|本题|此题|该题|所以|因此|故)[^。\n]{0,8}?应(?:该|当)?(?:更正为|改为|改成|改选|是|为|选)"
    r"|改(?:正)?后?的?答案|答案(?:需|要|得|应)?(?:要|当|该)?(?:更|修)?改(?:为|成|正)"
    r"|[与和跟](?:上面|前面|上述|之前|刚才|上文|答案)[^。\n]{0,16}?(?:矛盾|不符|不一致|冲突)"
    r"|(?:应|需)(?:该|当)?(?:更正为|改为|改成|改选) ?(?:选项)? ?[\"'“«(]{0,2}[A-D]",
    re.I,
)
"""Behind an answer on its own line, less than this corrects nothing: its explanation says 不对 and 重新计算 of other things."""
_FROM = re.compile(
    r"[\s»)\-•(]{0,4}(?:因此|所以|故|综上所述|综上|总之|可见|可知|显然|正确|最终|最后|本题|此题|该题|题目|这道?题|我们?|认为|选项|应该?|改|真正|解析|结论|的|[,: ]){0,6}"
    r"|[\s»)\-•(]{0,4}(?i:(?:so|thus|hence|therefore|the|correct|final|right|best|[, ]){1,8})"
)

_HENCE = re.compile(r"因此|所以|故|综上")


def retreat(text: str, end: int, *, on_a_line: bool = False) -> int | None:
    """Where the answer that ended at `end` is taken back without being confirmed again; None where it stands.

    Args:
        on_a_line: Whether the answer has a line of its own.
    """
    confirmed = max((found.start() for found in _CONFIRMED.finditer(text, end)), default=0)
    for back in (_CORRECTED if on_a_line else _BACK).finditer(text[end:]):
        start = end + back.start()
        if end + back.end() <= confirmed:
            return None
        if not (on_a_line and is_supposed(text, start)):
            return start
    return None


def contradiction(text: str, stated: Claim, behind: Sequence[Claim]) -> bool:
    """Whether a claim behind an answer line calls another letter the answer, at the head of a sentence or as a conclusion (故选 B)."""
    for claim in behind:
        if claim.letter and claim.letter != stated.letter:
            sentence = SENTENCE.split(text[max(0, claim.start - 60) : claim.start])[-1]
            if _FROM.fullmatch(sentence) or (_HENCE.match(text, claim.start) and _FROM.fullmatch(CLAUSE.split(sentence)[-1])):
                return True
    return False
