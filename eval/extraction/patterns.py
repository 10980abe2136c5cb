"""The words by which a reply names its answer. Texts are those of `as_plain`.

Every repetition has a bound and no two neighbours repeat the same character without one, so that each pattern is linear in
the length of the text.
"""

from __future__ import annotations

import re

__all__ = [
    "AFTER_CHOICE",
    "ALONE",
    "ANSWER_IN_WORDS",
    "ANSWER_LINE",
    "BARE",
    "CHOICES",
    "LED",
    "MORE",
    "NAMED",
    "NEW_CLAUSE",
    "NEXT_QUESTION",
    "RECHOSEN",
    "STRONG",
    "VERDICT",
    "WEAK",
]

_NOUN = (
    r"(?: ?(?:类|语言|触发器|型|级|\+? ?树|盘|结点|节点|进程|顶点|机|站|队列|栈|表|页|点|段|线程|主机|路由器|缓冲|集合|路径"
    r"|作业|任务|矩阵|网络|地址|记录|程序|标准|函数|代码|出发|到)| (?i:trees?|node|process|class)\b)"
)
"""Behind a letter that is part of a name: A类地址, D触发器, B 树, A 结点."""
_BEFORE, _AFTER = r"(?<![A-Za-z0-9+/_\-\\])", r"(?![A-Za-z0-9+/_#*]|-[\w>]|'[a-z]| ?->| ?→)"
_LETTER = rf"{_BEFORE}(?P<letter>[A-H]|[a-h](?=[.。)\]»\"'\n]|$)){_AFTER}(?!{_NOUN})"
_SEVERAL = rf"{_BEFORE}(?P<several>[A-D](?:[/&][A-D]|[A-D]){{1,3}}){_AFTER}"
_OPEN = r"[\s\"'“”‘’「」『』《》【】\[\](){}«»|:=>~\-—→]{0,8}"
_LINK = r"[\s应该当有就只能可必然定显最终因此故所以大概似乎会我认为是选择项了在于很明\"'“”‘’「」『』《》【】\[\](){}«»|:=>~\-—→,]{0,20}"
_OPTION = r"(?:选项|选|第(?:[一二三四1-4]个(?:选项)?)?|(?i:option|choice|letter) )?"
_PAYLOAD = rf"{_OPTION}[\s\"'(\[「【«:]{{0,4}}(?:{_LETTER}|{_SEVERAL})"
_ENDS = r"[»)\]]?(?: ?选项| ?项)? ?[吧了]?(?= ?(?:[。.!,;\n(]|$))"
_STOPS = r"[»)\]]?(?: ?选项| ?项)? ?[吧了]?(?= ?(?:[。.!\n]|$))"
_HENCE = (
    r"(?:故|因此|所以|因而|从而|综上所述|综上|总之|可知|可见|由此|应该?|应当|只能|本题|此题|该题|这道?题|答|则|我会?|正确|必须)"
)
_MIDDLE = r"(?:[, :]|正确|答案|本题|此题|该题|我们?|应该?|应当|当|只能|可以?|最终|就|的|是|必须|这里|会|需要?){0,5}"
_IS = r"(?: (?!not\b|never\b|is\b)[a-z]{1,10}){0,4}?[\"']?(?: is\b| be\b|'s\b| ?[:=\-—])"
_THUS = r"(?:故|因此|所以|因而|综上所述|综上|(?i:\b(?:thus|therefore|hence|so)\b))"

CHOICES = re.compile(rf"{_HENCE}{_MIDDLE}选(?:择|取)?(?!项){_OPEN}{_PAYLOAD}")
"""故选 B, 因此本题应选择 B."""
STRONG = [
    re.compile(rf"(?:答案|正解)(?!解析|分析|详解|不){_LINK}{_PAYLOAD}"),
    re.compile(
        rf"(?<!不)正确的?(?:选项|说法|叙述|描述|结论|选择|一项|项)?(?:编号|序号|字母)?的?(?:应该?|应当|只有|只能|就|显然){{0,2}}(?:是|为|:)"
        rf"{_OPEN}{_PAYLOAD}"
    ),
    re.compile(rf"(?i:\b(?:answer|ans)\b){_IS}{_OPEN}(?i:(?:therefore|thus|clearly|indeed|simply) )?{_PAYLOAD}"),
    re.compile(rf"(?i:\b(?:correct|right|best|appropriate) (?:answer|option|choice|one|response)\b){_IS}{_OPEN}{_PAYLOAD}"),
    re.compile(rf"[\"'](?:choice|option|选项|选择|letter|final_answer|result)[\"'] ?: ?[\"'\[]{{0,2}}(?:{_LETTER}|{_SEVERAL})"),
    re.compile(rf"(?m:^|(?<=[。!,;:\n ])){_OPTION}{_OPEN}{_LETTER}[»)\"']?(?: ?选项| ?项)? ?(?:是|为|就是) ?(?:本题的?|唯一的?|最佳的?)?正确的?(?:答案|选项)"),
    re.compile(rf"{_LETTER}[»)\"'.]? is (?i:the (?:(?:only )?(?:correct|right|best) (?:answer|option|choice|one)|answer\b))"),
    re.compile(rf"{_THUS}[, :]{{0,2}}{_OPTION}{_OPEN}{_LETTER}{_STOPS}"),
    re.compile(rf"(?:更正|修正|订正)后?的?(?:答案)?(?:为|是|成|:){_OPEN}{_PAYLOAD}"),
    re.compile(rf"(?:答案|选|正确)(?:(?!如果|若|假如)[^\n]){{0,24}}?(?:改选|改为选?|改成|而是|应该?是|应该?为|应当是|应当为) ?{_OPTION}{_OPEN}{_LETTER}{_ENDS}"),
    re.compile(rf"^应该?(?:是|为) ?{_OPTION}{_OPEN}{_LETTER}{_ENDS}"),
    re.compile(rf"我(?:们)?(?:认为|觉得|判断)(?:应该?|应当)?(?:是|选) ?{_OPTION}{_OPEN}{_LETTER}{_ENDS}"),
    re.compile(rf"(?:符合|满足)(?:题意|要求|条件|题目要求)的?(?:选项|一项|只有){{0,2}}(?:是|为){_OPEN}{_PAYLOAD}"),
    re.compile(rf"(?:本题|此题|该题|所选|应选)的?选项(?:应该?|就)?(?:是|为|:){_OPEN}{_PAYLOAD}"),
    re.compile(rf"(?i:\b(?:answer|choice|option) is not (?:option )?)[\"'(«]?[A-H][\"')»]?,? (?i:but (?:rather |instead )?(?:option )?)[\"'(«]?{_LETTER}"),
    re.compile(rf"(?m:^)[»【\[]?(?:答|解答|结论) ?[:】\]] ?{_OPEN}{_PAYLOAD}"),
    re.compile(rf"(?m:^){_OPEN}选(?:择|:)?(?!项){_OPEN}{_LETTER}[»)\]]?(?: ?选项| ?项)?(?=[。.!]? ?(?:\n|$))"),
    re.compile(rf"(?i:\boption ){_LETTER}[:.,)][^.\n]{{1,40}} is (?i:the (?:correct|right|best) (?:answer|option|choice))"),
]  # fmt: skip
"""Each match says that a letter, or several, is the answer."""
WEAK = [
    re.compile(rf"(?m:^|(?<=[。!;→>]) ?)选(?:择|取)?(?!项){_OPEN}{_PAYLOAD}"),
    re.compile(rf"(?:(?:对应|就是|即|符合)(?:的)?(?:选项|答案)?(?:是|为)?|与)(?: ?选项)? ?{_OPEN}{_LETTER}[»)]?(?: ?选项| ?项)?(?: ?(?:一致|相符|吻合|匹配|相同))?(?= ?(?:[。.!\n]|$))"),
    re.compile(rf"(?:{_THUS}|由此可见|可见|可知|分析|只有|仅有?|(?i:\bonly))[, :]{{0,2}}{_OPTION}{_OPEN}{_LETTER}[»)\"']?(?: ?选项| ?项)?(?: ?的?(?:说法|叙述|描述|内容|表述|结论))? ?(?:是|为|才是)? ?(?:正确|对的?|符合|满足|(?i:is (?:correct|right|true)))"),
    re.compile(rf"(?:{_THUS}|可见|可知)[^。\n]{{0,12}}(?:不正确|错误|不符合题意|符合题意|不恰当|有误|不属于|不是)[^。\n]{{0,8}}的(?:选项|说法|叙述|描述|一项|项)?(?:应该?|只有)?(?:是|为|:){_OPEN}{_PAYLOAD}"),
    re.compile(rf"{_LETTER}[»)]?(?: ?选项| ?项)? ?符合(?:题意|要求|题目要求)"),
    re.compile(rf"(?i:\bI(?:'d|'ll| would| will| am going to)? (?:choose|pick|select|go with|say|answer)) {_OPEN}{_PAYLOAD}"),
    re.compile(rf"(?m:^){_OPEN}«[(\[]?(?P<letter>[A-D])[)\]]?»(?=[。.!]? ?(?:\n|$))"),
    re.compile(r"«[(\[]?(?P<letter>[A-D])[)\]]?»(?=[。.!]? ?$)"),
    re.compile(rf"(?:实际|其实|事实上|但|然而)[^。\n]{{0,80}}?, ?(?:应该?|要)?选(?:择|取)?(?!项){_OPEN}{_OPTION}{_OPEN}{_LETTER}{_STOPS}"),
    re.compile(rf"{_THUS}[^。\n]{{0,80}}?, ?{_OPTION}{_OPEN}{_LETTER}[»)]?(?: ?选项| ?项)? ?(?:的?(?:说法|叙述|描述))?正确(?=[。.!]? ?$)"),
    re.compile(rf"(?:剩下|只剩|剩余)的?下?(?:选项)?[,就便]{{0,2}}(?:只有|只能是|是)?{_OPTION}{_OPEN}{_LETTER}{_STOPS}"),
    re.compile(r"(?m:^)[^\n()]{1,160}[^\s()\x00-\x7f] ?(?:\( «?|(?<=[是为])\()(?P<letter>[A-D])(?:»? \)|\))(?=[。.]? ?$)"),
    re.compile(rf"(?:只有|仅有?){_OPTION}{_OPEN}{_LETTER}[»)]?(?: ?选项| ?项)? ?(?:给出|所述|所示|描述|说|中|的|里|为|是|能)[^。\n,]{{0,20}}(?:正确|符合|满足|成立|一致|相符)"),
]  # fmt: skip
"""Each match says so where the text ends; elsewhere it may be a step."""
RECHOSEN = re.compile(
    rf"(?:^|(?<=[,。;:\n(]) ?)(?:所以|因此|故|应该?|应当|要|只能){{0,2}}(?:改?选(?:择|取)?(?!项)|改为|改成|更正为){_OPEN}{_OPTION}{_OPEN}{_LETTER}{_STOPS}"
)
"""A choice behind a retreat: 不对，快速排序不稳定，选 B."""
AFTER_CHOICE = re.compile(
    r"[»)\]\"'”」』】]{0,3} ?(?:$|[\n。.,;:!(、✅]|选项|项|因为|由于|理由|解析|解释|正确|符合|吧|啦|了|哦|是正确|为正确|为本题|because|since)"
)
"""What may stand behind the letter that is chosen, unless it is the option's own words: 选 B 作为根 chooses no option."""
MORE = re.compile(
    r"[»)\]\"']{0,2}(?: ?(?:[&和与及或]|以及|还是|或者|或是)| ?[,、/] ?[和或]?| (?:and|or)(?= )) ?(?:选项 ?|option )?[«(\"']?(?P<other>[A-H])"
    rf"{_AFTER}(?!{_NOUN})[»)\]\"']{{0,2}}(?P<tail>.{{0,4}})",
    re.S,
)
"""A second letter behind the first."""
NEW_CLAUSE = re.compile(r" ?(?:选项|项|错|不|[.:]|是|的|为|说|中|在|把|属|忽|多|少|漏|没|未|均错|都错|均不|都不)|、 ?[A-D]")
"""Behind the second letter of what looks like a list, this tells that a new clause begins there: 答案：A，B 选项错误."""
NAMED = re.compile(r"(?<![A-Za-z0-9+/_\-])[A-D](?![A-Za-z0-9+/_#*\-])")
ANSWER_LINE = re.compile(
    rf"(?m:^){_OPEN}(?:(?:因此|所以|综上所述|综上|故|最终|最后|正确|参考|标准|本题|此题|该题|我)的?[, :]?){{0,4}}"
    rf"(?:答案|正解|解答|(?i:(?:the |my )?(?:final |correct |best )?(?:answer|ans)\b))(?:选项)? ?(?:应该?|就)?(?:是|为|选|(?i:is\b))?{_OPEN}"
    rf"(?:答案:){{0,2}}{_OPTION}{_OPEN}(?P<letter>[A-D])(?![A-Za-z0-9+/_#*])(?P<rest>[^\n]{{0,200}})(?m:$)"
)
"""A line that begins as the prompt asks for the last one."""
NEXT_QUESTION = re.compile(
    r"^ ?(?:以下是|题目|问题|question|q\d|\d{1,3} ?[.、)]|第 ?\d{1,3} ?题|(?:user|human|用户|问) ?:)", re.I
)
"""A line that heads another question."""
ANSWER_IN_WORDS = re.compile(
    r"(?:答案(?:应该?|应当|就|选)?(?:是|为|:)|(?i:\banswer)(?: is| ?:)|正确的?(?:选项|说法)(?:是|为|:))[\s\"'“”‘’「『《【\[(«:]{0,6}(?P<words>[^\n]{1,120})"
)
BARE = re.compile(
    rf"^(?![\s\-]{{0,4}}\[ ?\] ){_OPEN}(?:选项|选|(?i:option|choice) )? ?[(\[「【«\"]{{0,2}}(?P<letter>[A-H]|[a-h])[)\]」】»\"]{{0,2}} ?(?:选项|项)?[\s.。!✅]{{0,4}}[)\]」】»\"]{{0,2}}$"
)
"""A line that is nothing but a letter."""
LED = re.compile(
    r"^[\s(\[«【选项]{0,5}(?P<letter>[A-H])[)\]»】]{0,2} ?(?:[.、:,)。]|(?= ?[^\x00-\x7f]| (?![a-z])))[)\]»]? ?(?P<words>[^\n]{0,200})$"
)
"""A line that begins with a letter as options do."""
ALONE = re.compile(
    rf"^{_OPTION}{_OPEN}{_LETTER}[»)\"']?(?: ?选项| ?项| )?(?:的?(?:说法|叙述|描述))? ?(?:是|为)? ?(?:正确|对的|(?i:is (?:correct|right|true)))"
)
"""A reply that begins with calling an option right."""
VERDICT = re.compile(
    r"(?P<bad>不正确|错误|不对|有误|不符|不成立|错(?=[,。;\n]|$)|\b(?:incorrect|wrong|false)\b)|(?P<good>正确|符合题意|对(?=[,。;\n]|$)|\b(?:correct|right|true)\b)",
    re.I,
)
