"""Words around a claim that deny it, suppose it or call it another's."""

from __future__ import annotations

import re

__all__ = ["CLAUSE", "SENTENCE", "is_aside", "is_denied", "is_denied_behind", "is_supposed"]

CLAUSE, SENTENCE = re.compile(r"[。!?;,:\n]|\.(?= |$)"), re.compile(r"[。!?;\n]|\.(?= |$)")
_NEAR = 24
"""Characters before a claim, and behind it, that are looked at for a denial."""
_DENIED = re.compile(
    r"(?:不|别|勿|非|未|没有?|莫|无法|\bnot\b|n't\b|\bnever\b)(?:能|应该?|可以?|要|会|宜|是|再|一定|必|直接|建议|单纯){0,3} ?$|[设令当] ?$",
    re.I,
)
_QUOTED = re.compile(
    r"(?<!错)误(?!差)|错误的?$|错选|有人|同学|考生|容易|易于?|不少|很多人|看似|乍|初看|一看|如果|若|假如|假设|假定|倘若|要是|万一|即使|除非|否则|为什么|为何|能否|是否"
    r"|格式(?!作答|给出|输出|回答|要求)|排除|(?:有的?|某|有些|某些|部分|一些|不少|不同|旧版?|老版?)(?:教材|资料|参考书|题库|辅导书|版本|书)|参考书|原题|原答案|网上|直觉|误导"
    r"|会得到|就?会得出|混淆|当成|\b(?:if|not|wrong|incorrect|false|suppose|assuming|unless|whether|why|at first|might think|may think|students?|people|mistakes?|mistakenly|textbooks?|tempting|tempted|intuition)\b|n't\b",
    re.I,
)
"""In the same clause these tell that the claim is supposed, or another's: 很多同学会误选 A, 如果答案是 A."""
_OTHERS = re.compile(
    r"(?:很多|不少|有的?|有些|许多|一些|部分|多数|大多数?|粗心的?|个别|某些|初学的?)(?:同学|考生|学生|人|读者|初学者|学习者|教材|资料|参考书|题库)|\b(?:some|many|most) (?:students|people|textbooks)\b",
    re.I,
)
"""In the same sentence, these are who says so: 很多同学只看到 A 项，认为答案是 A."""
_SAMPLE = re.compile(
    r"(?:形如|例如|比如|譬如|诸如)[: ]{0,2}$|"
    r"(?:格式|形式|样式|模板|形如|例如|比如|譬如|样例|示例|诸如)(?:应?为|是|:|)? ?[\"'“‘「『`]$|(?:^|[,。\n ])如 ?[\"'“‘「『]$"
)
_SAMPLE_BEHIND = re.compile(
    r"[\"'”’」』»。.]{1,3} ?(?:这样|这种|那样|之类|一样|来)?的?(?:固定|标准)?(?:格式|形式|样式|样子|模板|写法)"
)
"""A quoted claim beside these shows how to answer: 以“答案:A”这样的格式作答."""
_INSTEAD = re.compile(r"但|而(?:本|题)|综上|实际|其实|事实上|正确|本题|\b(?:but|however)\b", re.I)
"""Behind others and in a remark, these come back to the question."""
_ELSEWHERE = re.compile(r"(?:下一|上一|那一?|另一|前一|后一)(?:道|个)?小?[问题](?!目)")
_ASKED = re.compile(r"呢\? ?$")
_REMARK = re.compile(
    r"[\s\-•·#*\d.、()\[【«»⚠️❗💡📌]{0,8}(?:易错|易混|误区|常见错|常见误|典型错|错误原因|错因|陷阱|干扰项|变式|举一反三|思考题|温馨提示"
    r"|(?:(?:考点|知识)?(?:拓展|延伸)|对比|注意?|备注|附注|提示|提醒|小贴士|补充)(?:说明|事项|一点|阅读|练习|题)?(?: ?[:»)\]】]|$))"
)
"""What begins a remark on the answer; another letter in it is another question's, or an error."""
_HEADING = re.compile(r"[\s\-•·#*\d.、()\[【«»]{0,8}(?:综上|总结|最终|结论|答案|因此|所以|故|正确答案|更正|修正)")
_HOWEVER = re.compile(r"所以|因此|故|但|而(?:本|题)|综上|\b(?:but|however|so|therefore|hence)\b", re.I)
_SUPPOSED = re.compile(
    r"(?:^|[,:( ])如(?=题目|题干|问|把|将|改|在|按|要|采用|选|不)|如果|若|假如|假设|假定|倘若|要是|\bif\b|\bhad\b", re.I
)
_THEN = re.compile(r"(?:则|那么|那|就|the|then)", re.I)
_BEHIND = re.compile(
    r"[ »)\]\"'”」』】]{0,3}(?:选项|项|option)? ?(?:(?:的?(?:说法|描述|叙述|结论)|显然|明显|都|均|也|是|为|这个)\s?){0,3}"
    r"(?:错误|(?:一个)?(?:常见|典型|经典)的?(?:错误|误|陷阱)|的?直觉|错[。,;了的\n]|不(?!是 ?[A-D]|同)|有误|被排除|应?排除|存疑|吗|么|吧?\?|的话|时,|还是|相比|"
    r"(?:is|was|seems|would be|looks?|are) (?:not\b|wrong|incorrect|false|tempting)|isn't|wasn't)"
    r"|[»)\]]? ?(?:选项|项) ?(?:说|描述|中|认为|指|把|将|在)"
    r"|[»)\]]? (?!because|since|as\b|which|for\b|due|here|given|so\b|by\b|where|with\b|that|option|and\b|or\b|is\b|would|was\b)[a-z]{2}"
)


def is_denied(text: str, start: int) -> bool:
    """Whether the words before a claim deny or suppose it."""
    before = text[max(0, start - _NEAR) : start]
    clause = CLAUSE.split(before)[-1]
    if _DENIED.search(clause) or _QUOTED.search(clause) or _SAMPLE.search(before):
        return True
    sentence = SENTENCE.split(text[max(0, start - 60) : start])[-1]
    others = _OTHERS.search(sentence)
    if others and not _INSTEAD.search(sentence + text[start : start + 2], others.end()):
        return True
    head = CLAUSE.split(sentence + text[start : start + 4])[-1]
    return bool(_SUPPOSED.search(sentence) and _THEN.match(head.strip()))


def is_aside(text: str, start: int) -> bool:
    """Whether a later claim is about another question (如果题目问的是 UDP，答案为 D), or part of a remark (对比：…)."""
    return is_supposed(text, start) or _in_remark(text[max(0, start - 300) : start].split("\n"), text[start : start + 2])


def is_supposed(text: str, start: int) -> bool:
    """Whether the sentence before a claim, or a question in front of it, makes it another question's."""
    sentence = SENTENCE.split(text[max(0, start - 60) : start])[-1]
    if _ELSEWHERE.search(sentence) or _ASKED.search(text[max(0, start - len(sentence) - 3) : start - len(sentence)]):
        return True
    supposed = _SUPPOSED.search(sentence)
    return supposed is not None and not _HOWEVER.search(sentence + text[start : start + 2], supposed.end())


def _in_remark(lines: list[str], head: str) -> bool:
    """Whether the last of these lines, or one before it without a heading of the answer between, begins a remark.

    Not where the last one comes back to the question: 注意:单位是字节，因此正确答案是.
    """
    if _INSTEAD.search(lines[-1] + head) or _HOWEVER.search(lines[-1] + head):
        return False
    for line in reversed(lines):
        if _REMARK.match(line):
            return True
        if _HEADING.match(line):
            return False
    return False


def is_denied_behind(text: str, end: int) -> bool:
    """Whether the words behind a letter deny it (A 错误, A 吗？) or make it part of something else (A 选项说, A record)."""
    return bool(_BEHIND.match(text, end) or _SAMPLE_BEHIND.match(text, end))
