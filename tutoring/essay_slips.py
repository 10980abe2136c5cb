"""Slips of the pen whose correction is sure, for English and Chinese essays. Of our own collection; doubtful cases are left out."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

__all__ = ["CHINESE", "ENGLISH", "Slip"]

LANGUAGE, MECHANICS = "语言", "书写规范"


@dataclass(frozen=True)
class Slip:
    """A kind of slip: where it stands, what it should be, why, and which aspect it belongs to."""

    pattern: re.Pattern[str]
    correct: Callable[[re.Match[str]], str]
    reason: str
    aspect: str


_AS_VOWEL = re.compile(r"^(?:[aeiou]|hour|honest|honou?r|heir)", re.IGNORECASE)
_AS_CONSONANT = re.compile(r"^(?:uni(?!n|m)|us[aeiu]|eu|one\b|once|ub|uti|ewe)", re.IGNORECASE)
_ENGLISH_WRONG = {
    "informations": "information", "advices": "advice", "equipments": "equipment", "knowledges": "knowledge", "homeworks": "homework",
    "furnitures": "furniture", "evidences": "evidence", "more better": "better", "more easier": "easier", "discuss about": "discuss",
    "according to me": "in my opinion", "in my opinion, i think": "in my opinion,", "despite of": "despite", "return back": "return",
    "can able to": "can", "alot": "a lot", "recieve": "receive", "seperate": "separate", "definately": "definitely", "occured": "occurred",
    "goverment": "government", "enviroment": "environment", "developement": "development", "begining": "beginning", "untill": "until",
    "beleive": "believe", "neccessary": "necessary", "accomodate": "accommodate", "wich": "which", "becuase": "because", "thier": "their",
    "tommorrow": "tomorrow", "grammer": "grammar", "arguement": "argument", "successfull": "successful", "usefull": "useful",
    "comunication": "communication", "oppinion": "opinion", "oportunity": "opportunity", "responsability": "responsibility",
}  # fmt: skip
_CHINESE_WRONG = {
    "小时侯": "小时候", "有时侯": "有时候", "己经": "已经", "以经": "已经", "自已": "自己", "既使": "即使", "即然": "既然", "因该": "应该", "做为一": "作为一", "按装": "安装",
    "在次": "再次", "在也不": "再也不", "在也没": "再也没", "在接再厉": "再接再厉", "正再": "正在", "现再": "现在", "实再": "实在",
    "存再": "存在", "再所难免": "在所难免", "渡假": "度假", "克不容缓": "刻不容缓", "一股作气": "一鼓作气", "迫不急待": "迫不及待",
    "甘败下风": "甘拜下风", "走头无路": "走投无路", "穿流不息": "川流不息", "默守成规": "墨守成规", "重蹈复辙": "重蹈覆辙",
    "名列前矛": "名列前茅", "责无旁代": "责无旁贷", "不径而走": "不胫而走", "相辅相承": "相辅相成", "一如继往": "一如既往",
    "专心至志": "专心致志", "再接再励": "再接再厉", "谈笑风声": "谈笑风生", "世外桃园": "世外桃源", "滥芋充数": "滥竽充数",
    "针贬": "针砭", "脉博": "脉搏", "松驰": "松弛", "精萃": "精粹", "震憾": "震撼", "凑和": "凑合", "九宵": "九霄", "侯车": "候车",
    "幅射": "辐射", "部份": "部分", "身份证": "身份证", "必竟": "毕竟", "竟争": "竞争", "环镜": "环境", "坚难": "艰难", "历练": "历练",
}  # fmt: skip
_DOUBLED = "的了是在和就都也很把被"
_HOW = "高兴|认真|努力|仔细|慢慢|渐渐|悄悄|静静|深深|紧紧|不断|飞快|大声|轻轻|默默|缓缓|匆匆|激动|开心|耐心|迅速|坚定"
_DOING = "说道?|跑|走(?!廊)|笑|点点?头|离开|坐|站|喊|哭|问道|答道|看着|望着|想着|听着|写着|读着|挥"
_SCORED = "过(?=的真快)|跑|长|变|睡|唱|考|玩|飞|学|做|走|跳|游|打扮|准备|表现|发展"
_DEGREE = "真|太|很|非常|特别|十分|越来越|更加|比较|更|最"
_QUALITY = "快|好|慢|高|美|远|多|少|久|香|差|大|早|晚|漂亮|开心|出色|充分|迅速|优秀|流利|认真"
_HALF = {",": "，", ";": "；", ":": "：", "?": "？", "!": "！"}
_FULL = {"，": ", ", "。": ". ", "；": "; ", "：": ": ", "？": "? ", "！": "! ", "、": ", "}


def _article(match: re.Match[str]) -> str:
    """The article that the sound of the next word wants; as it is before an acronym, or where A is a name (`source A is`)."""
    word, before = match[3], match.string[: match.start()].rstrip(" ")
    named = match[1][0].isupper() and before[-1:] not in ("", ".", "!", "?", "\n", "“", '"')
    if word.isupper() or named or not re.search("[aeiouy]", word[:4], re.IGNORECASE):
        return match[0]
    vowel = bool(_AS_VOWEL.match(word)) and not _AS_CONSONANT.match(word)
    article = "an" if vowel else "a"
    return (article.capitalize() if match[1][0].isupper() else article) + match[2] + word


def _cased(match: re.Match[str], right: str) -> str:
    return right[0].upper() + right[1:] if match[0][0].isupper() else right


def _wrong(table: dict[str, str]) -> re.Pattern[str]:
    return re.compile("|".join(sorted((re.escape(w) for w, r in table.items() if w != r), key=len, reverse=True)))


ENGLISH = (
    Slip(re.compile(r"\b(an?)(\s+)([a-z]{2,})\b", re.IGNORECASE), _article, "不定冠词看后面一词的读音：元音音素前用 an，辅音音素前用 a。", LANGUAGE),
    Slip(
        re.compile(r"\b(?!had\b|that\b|very\b|so\b)([a-z]+)(\s+)\1\b", re.IGNORECASE), lambda m: m[1], "同一个词重复了。", LANGUAGE
    ),
    Slip(
        re.compile(r"\b(?:" + _wrong(_ENGLISH_WRONG).pattern + r")\b", re.IGNORECASE),
        lambda m: _cased(m, _ENGLISH_WRONG[" ".join(m[0].lower().split())]), "常见的拼写或搭配错误。", LANGUAGE,
    ),
    Slip(
        re.compile(r"\b(although|though)\b([^.!?;\n]{3,120}?),\s*but\s+", re.IGNORECASE), lambda m: f"{m[1]}{m[2]}, ",
        "although 与 but 不同时使用。", LANGUAGE,
    ),
    Slip(
        re.compile(r"\b(because)\b([^.!?;\n]{3,120}?),\s*so\s+(?!that\b|much\b|many\b)", re.IGNORECASE), lambda m: f"{m[1]}{m[2]}, ",
        "because 与 so 不同时使用。", LANGUAGE,
    ),
    Slip(re.compile(r"(?<![\w.'’])i(?=[\s'’])(?!\.e)"), lambda m: "I", "代词 I 总是大写。", MECHANICS),
    Slip(
        re.compile(r"(?:(?<=[a-z]{2}[.!?] )|(?<=[a-z]{2}[.!?]\n)|(?<=\n\n)|\A)(?!i\b)[a-z](?=[a-z']*\s+[a-z])"), lambda m: m[0].upper(),
        "句首字母要大写。", MECHANICS,
    ),
    Slip(re.compile(r"(?<=\w)[ \t]+(?=[,.;:!?](?:\s|$))"), lambda m: "", "标点前面不留空格。", MECHANICS),
    Slip(re.compile(r"(?<=[A-Za-z])[,;](?=[A-Za-z])|(?<=[a-z]{2})[.!?](?=[A-Z][a-z])"), lambda m: m[0] + " ", "标点后面要空一格。", MECHANICS),
    Slip(re.compile(r"(?<=\w)[，。；：？！、][ \t]?"), lambda m: _FULL[m[0][0]].rstrip() + " ", "英文里用半角标点。", MECHANICS),
)  # fmt: skip

CHINESE = (
    Slip(_wrong(_CHINESE_WRONG), lambda m: _CHINESE_WRONG[m[0]], "错别字。", LANGUAGE),
    Slip(re.compile(rf"(?<!目)([{_DOUBLED}])\1(?![\u3400-\u9fff]?确)"), lambda m: m[1], "多写了一个字。", LANGUAGE),
    Slip(
        re.compile(rf"(?:{_HOW})的(?=(?:{_DOING})(?![^，。]{{0,4}}的))"), lambda m: m[0][:-1] + "地", "动词前面表示方式的用“地”。", LANGUAGE
    ),
    Slip(
        re.compile(rf"(?:{_SCORED})的(?=(?:{_DEGREE})(?:{_QUALITY})(?!的))"), lambda m: m[0][:-1] + "得", "动词后面表示程度的用“得”。", LANGUAGE
    ),
    Slip(
        re.compile(r"(?<![多善可不易])变的(?=(?:更加?|越来越|十分|非常)?(?:美丽|漂亮|干净|整洁|强大|成熟|坚强|勇敢|自信)(?:起来|了|[，。！]))"),
        lambda m: "变得", "动词后面表示程度的用“得”。", LANGUAGE,
    ),
    Slip(
        re.compile(r"(?:通过|经过)[^，。！？；：\n]{1,30}，(?:使|让)(?=我们?|人们|大家|同学们|他们?|她们?)"),
        lambda m: m[0][:-1], "“通过……，使……”没有主语，去掉“使”。", LANGUAGE,
    ),
    Slip(re.compile(r"(?<=[\u3400-\u9fff])[,;:?!](?=\s*(?:[\u3400-\u9fff]|$))"), lambda m: _HALF[m[0]], "中文里用全角标点。", MECHANICS),
    Slip(re.compile(r"(?<=[\u3400-\u9fff])\.(?=\s*(?:[\u3400-\u9fff]|$))"), lambda m: "。", "句号用“。”。", MECHANICS),
    Slip(re.compile(r"[，、；]{2,}|。{2}(?!。)(?<!。。。)"), lambda m: m[0][0], "标点重复。", MECHANICS),
    Slip(re.compile(r"(?<!\.)\.{3}(?!\.)|。{3,}"), lambda m: "……", "省略号写作“……”。", MECHANICS),
)  # fmt: skip
