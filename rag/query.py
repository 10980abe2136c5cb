"""From what a student typed to what is searched: options apart from the stem, a follow-up made to stand alone. No model."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from types import MappingProxyType

from knowledge.subjects import SUBJECTS, terms_of
from vector_db.segmentation import GENERIC_WORDS, STOP_WORDS, normalize, words

__all__ = ["OPTION_WEIGHT", "Query", "understand"]

OPTION_WEIGHT = 0.3
"""What a search for stem and one option counts beside 1 for the stem: four of them about as much as the stem. Not yet tuned."""
_REMEMBERED = 20  # earlier questions that are looked at
_LETTERS = "ABCDEFG"
_MOST_OPTIONS = 6  # a list that goes on to G enumerates something else
_CODE = re.compile(r"```.*?(?:```|\Z)|`[^`\n]+`", re.DOTALL)
_LABEL = re.compile(
    r"(?:(?<=[(（])|(?<![A-Za-z0-9_.*&+(（])|(?=.．))([A-GＡ-Ｇ])(?:(?P<dot>．|\.(?![A-Za-z_]\w*\s*[=(.]))|(?P<comma>、)|(?P<round>[)）]))\s*"
)
_ASKED = re.compile(r"(?:[？?。)）_…]|的?(?:是|为|有|包括|属于))[ \t\u3000]*\Z")
"""How a stem ends before options that follow in its own line; before `A. Turing` or `if (A)` it does not."""

_ASKED_FOR_SURE = re.compile(r"(?:[？?)）_…]|的[是有])[。\s]*\Z")
"""The same where only two options follow: `作者是 A. Turing 和 B. Kernighan 吗` has none."""
_STATEMENT = re.compile(r"[①-⑩Ⅰ-Ⅹ]\s*[.．、]?\s*(?![①-⑩Ⅰ-Ⅹ、和与中])[^①-⑩Ⅰ-Ⅹ\n。；;]*")
_NO_NEGATION = re.compile(
    r"不可(?:抢占|剥夺|屏蔽|分割|靠|重入|再生|逆)|无连接|不同|不[仅但论管]|不得不|([\u3400-\u9fff])不\1|[而但]不(?:是|属于)"
    r"|(?:为什么|为何|为啥|why)[^，,。；;？?\n]*",
    re.IGNORECASE,
)
"""`不` inside a term or a turn of speech, and questions for a reason."""
_CLAUSE_END = re.compile(r"[，,。；;？?！!：:\n]")
_ASKING = re.compile(
    r"的[是有]|[是有]\s*$|哪|什么|[(（][\s_]*[)）]|__|下列|以下|下面|一项|选项|\bwhich\b|\bfollowing\b", re.IGNORECASE
)
_FOR_THE_RIGHT = re.compile(r"(?<![不全])正确的|(?<![不全])正确\s*$")
_NAMED = "说法|叙述|描述|表述|陈述|论述"
_CANNOT = "不(?:能|会|是|可能|可以|可|需要?|应|具有|具备|支持|符合|影响|存在|提供|允许|必|适[合用]|采用|使用|依赖|引起|受)"
_NEGATION = re.compile(
    rf"不(?:包括|包含|属于|可能|正确|完全正确|准确|恰当|合理|成立)|有误|(?:错误的?|不对的)(?:[是有]|一[项个]|选项|{_NAMED}|[(（]|\s*$)"
    rf"|{_CANNOT}[^，。]*的(?:[是有]|一[项个]|选项|\s*$|[\u3400-\u9fff]{{1,4}}(?<![数量长度间因件])是\s*$)|{_CANNOT}[^的，。]*[(（][\s_]*[)）]\s*$|哪[^，。]{{0,12}}(?:{_CANNOT}|错误)"
    r"|\b(?:is|are|does|do|can|will|would|was|has)(?:\s+not|n't)\b|\bcannot\b|\bexcept\b|\bincorrect\b|\b(?:is|are)\s+(?:false|wrong)\b",
    re.IGNORECASE,
)
_ALL_BUT = re.compile(r"除了?\s*(?:[(（][\s_]*[)）]|_+|哪|以下|下列|下面)[^，。]{0,12}?外")
"""`除（ ）外` asks; `除根结点外` only says which nodes are meant."""

_FURNITURE = re.compile(
    rf"[(（][\s_]*[)）]|_{{2,}}|在?(?:下列|以下|下面|下述)(?:各?(?:选项|{_NAMED}|[几四]?项))?(?:[中里]|(?=[^中里]))|关于|有关"
    rf"|的(?:{_NAMED})[中里]?|(?:{_NAMED})(?:[中里]|(?=不?正确|错误|有误))"
    r"|(?:不正确|正确|错误|不恰当|不对)的?(?=[是有]|一[项个]|选项|\s*[，。？?：:(（]|\s*$)|不?(?:属于|包括|包含)|不是|有误"
    r"|哪一?[个项种些](?:选项)?"
)
_FURNITURE_END = re.compile(r"(?:(?<!目)的)?(?:[是有为]|一[项个])?[\s，,。．？?：:；;、]*$")

_OPENING = re.compile(r"^(?:那么?|然后|还有|如果是?|要是|换成|假如是?|对于)+[，,\s]*")
_ELLIPSIS = re.compile(r"^(?P<topic>[^，。？?；\n]{1,14}?)的?呢[？?。!！]*$")
_INTERROGATIVE = re.compile(r"什么|怎|哪|多少|几|吗|谁|啥|咋|如何|为何|的|是否|不")
_PRONOUN = re.compile(
    r"它们?|(?<![尤极])其(?![他它中余实次])|这(?!门|本书|份|篇)|那[个种些样里]|(?<!应)该(?!不该)|(?<![因如彼在])此(?!外)"
    r"|两者|二者|前者|后者|上述|刚才|\b(?:it|its|they|their)\b"
)
_NUMBERED = re.compile(r"^第?[一二两三四五六七八九十几\d]{1,2}[个种条步项次类点层]?$")
_ASPECTS = GENERIC_WORDS | set(
    "复杂度 时间复杂度 空间复杂度 稳定性 稳定 效率 性能 公式 代码 伪代码 例题 格式 字段 开销 场景 应用 应用场景 功能 性质 结果 思想 原理 "
    "影响 关系 联系 要求 结构 算法 协议 机制 技术 题 题目 时间 空间 平均 最坏 最好 大小 长度 组成 部分 阶段 状态 规则".split()
)
"""What is asked of a thing and is none itself: a question with no other word is about the thing of the question before."""
_FILLERS = set(
    "那么 还有 举 举个 举例 举例子 举例说明 例子 例如 例 个例 详细 点 一点 具体 展开 讲 讲讲 讲解 再 再讲 再说 再来 一遍 一次 一种 继续 然后 接着 说 说说 看 "
    "懂 听懂 没 没懂 不懂 明白 看懂 来 来个 给 给个 换 换个 另外 另 其他 其它 别的 其余 后面 前面 上面 上述 刚才 它们 前者 后者 两者 二者 这样 那样 这种 那种 这里 这些 那些 那个 "
    "这个 这么 做 写 求 画 推导 证明 实现 办 行 得 着 过 到底 究竟 呀 嘛 哦 啦 还 又 更 很 最 只 才 吧 啥意思 什么样 怎么样 怎么回事 怎么做 怎么算 具体来说 能否 可不可以 "
    "两个 两种 有没有 真的 必须 一定 一般 通常 意味着 为什么呢 原因呢 说明 谢谢 it its they their about does do".split()
)
_NOUNS = frozenset("栈堆树图串帧页段块锁码位字包核链环队表边键线网门")
"""Characters that are a topic of their own; other single ones (算, 跑) are not."""


@dataclass(frozen=True)
class Query:
    """What is searched for a question.

    `text` is the question as it reads without the conversation, options included; `stem` and `options` (letter → text) are
    its parts, empty for a question without options. `negated`: it asks for the one that is wrong or does not belong.
    `searches` are (text, weight) whose rankings are to be fused; the first has weight 1.
    """

    text: str
    stem: str = ""
    options: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    negated: bool = False
    searches: tuple[tuple[str, float], ...] = ()


def understand(question: str, history: Sequence[str] = ()) -> Query:
    """The query of a question; `history` are the student's earlier questions, oldest first."""
    context = ""
    for earlier in history[-_REMEMBERED:]:
        context = _next_context(earlier, context)
    stem, options = _split_options(question)
    standalone = _standalone(stem, context)
    if not options:
        return Query(standalone, negated=_is_negated(question), searches=((standalone, 1.0),))
    core = _core(standalone)
    searches = ((core, 1.0), *((f"{core} {option}", OPTION_WEIGHT) for option in options.values()))
    added = standalone.removesuffix(stem) if standalone.endswith(stem) else f"{standalone} "
    return Query(added + question.strip(), stem, MappingProxyType(options), _is_negated(stem), searches)


def _split_options(question: str) -> tuple[str, dict[str, str]]:
    """The stem, and the options by letter; the whole question and none where no list from A, B on is found.

    Lines behind the last option (`为什么选 B？`) belong to the stem.
    """
    question = question.strip()
    hidden = _CODE.sub(lambda m: " " * len(m[0]), question)
    labels = list(_LABEL.finditer(hidden))
    at_lines = [m for m in labels if not hidden[hidden.rfind("\n", 0, m.start()) + 1 : m.start()].strip(" \t\u3000(（")]
    runs = [run for group in (labels, at_lines) for run in _runs(hidden, group, at_lines)]
    found = max(runs, key=lambda run: (len(run), all(m in at_lines for m in run), run[0].start()), default=[])
    if not found:
        return question, {}
    ends = [_start(hidden, m) for m in found[1:]] + [len(question)]
    texts = [question[m.end() : end].strip(" \t\n\u3000；，,") for m, end in zip(found, ends, strict=True)]
    rest = ""
    if not any("\n" in text for text in texts[:-1]):
        texts[-1], _, rest = texts[-1].partition("\n")
    stem = f"{question[: _start(hidden, found[0])].strip()}\n{rest.strip()}".strip()
    return stem, {letter: text.strip() for letter, text in zip(_LETTERS, texts, strict=False)}


def _runs(text: str, labels: Sequence[re.Match[str]], at_lines: Sequence[re.Match[str]]) -> Iterator[list[re.Match[str]]]:
    """The lists of labels A, B, … in one style that can be options."""
    for first, label in enumerate(labels):
        if _letter(label) != "A":
            continue
        run = [label]
        for other in labels[first + 1 :]:
            if len(run) < len(_LETTERS) and _letter(other) == _LETTERS[len(run)] and other.lastgroup == label.lastgroup:
                run.append(other)
        if 2 <= len(run) <= _MOST_OPTIONS and _are_options(text, run, {m.start() for m in at_lines}):
            yield run


def _are_options(text: str, run: Sequence[re.Match[str]], at_lines: set[int]) -> bool:
    """Whether there is a stem that asks, something in each option, and a gap before each label.

    `根为 A、左子树为 B、右子树为 C` is an enumeration: what is taken for options ends in `为`.
    """
    before = text[: _start(text, run[0])]
    inline = [m for m in run if m.start() not in at_lines]
    if not re.search(r"\w", before) or any(not text[m.end() : end].strip() for m, end in _spans(text, run)):
        return False
    if not inline:
        return True
    asked, style = bool(_ASKED.search(before)), run[0].lastgroup
    if run[0] in inline and not asked and (len(run) < 4 or style == "round"):
        return False
    if len(run) == 2 and (style == "comma" or not _ASKED_FOR_SURE.search(before)):
        return False
    if style == "comma" and any(
        re.search(r"(?:[为是与到在]|(?<![验总之])和)\s*$", text[m.end() : end]) for m, end in list(_spans(text, run))[:-1]
    ):
        return False
    # behind a comma of an enumeration only a blank tells an option
    gaps = r"[\s。；;，,]\Z" if style == "comma" else r"[\s\u3000-\u9fff；;，,。)）\]%]\Z"
    return all("．" in m[0] or re.search(gaps, text[: _start(text, m)]) for m in inline if m is not run[0] or not asked)


def _spans(text: str, run: Sequence[re.Match[str]]) -> Iterator[tuple[re.Match[str], int]]:
    return zip(run, [*(_start(text, m) for m in run[1:]), len(text)], strict=True)


def _start(text: str, label: re.Match[str]) -> int:
    """Where a label begins, its opening bracket included."""
    return label.start() - (label.lastgroup == "round" and text[label.start() - 1 : label.start()] in ("(", "（"))


def _letter(label: re.Match[str]) -> str:
    return unicodedata.normalize("NFKC", label[1])


def _is_negated(stem: str) -> bool:
    """Whether the clause that asks is a negative one; what the statements ①, ② and the given facts say does not count."""
    plain = _NO_NEGATION.sub(" ", _STATEMENT.sub("", _CODE.sub(" ", stem)))
    if _ALL_BUT.search(plain):
        return True
    asking = [clause for clause in _CLAUSE_END.split(plain) if _ASKING.search(clause)]
    last = [clause for clause in _CLAUSE_END.split(plain) if clause.strip(" （）()_")][-1:]
    return any(_NEGATION.search(c) and not _FOR_THE_RIGHT.search(c) for c in (asking or last))


def _core(stem: str) -> str:
    """A stem without what all stems say: `下列关于进程的叙述中，错误的是` is `进程`."""
    core = _FURNITURE_END.sub("", _FURNITURE.sub(" ", stem)).strip(" \n，,、。：:")
    return re.sub(r"[ \u3000]*([，,])[ \u3000，,]*|[ \u3000]{2,}", lambda m: m[1] or " ", core) or stem


def _next_context(question: str, context: str) -> str:
    """What the questions after this one are about: the latest that stands alone, or `TCP…` for `那TCP呢` after `UDP…`."""
    stem, options = _split_options(question)
    if not _topics(stem) or _refers_back(stem):
        return context
    if _ellipsis(stem):
        return _standalone(stem, context)
    return _core(stem) if options else stem


def _standalone(question: str, context: str) -> str:
    """The question, with the subject matter of `context` before it when it has none of its own."""
    topic = _ellipsis(question)
    if not context or (_topics(question) and not topic and not _refers_back(question)):
        return question
    if topic and _topics(question) and topic.lower() not in context.lower():
        return _replaced(context, topic)
    of_context = _topics(context) or _content(context)
    known = normalize(question)
    return " ".join([*(word for word in of_context if word not in known), question])


def _ellipsis(question: str) -> str:
    """`TCP` of `那TCP呢`; empty for a question that says what it asks of its topic."""
    match = _ELLIPSIS.match(_OPENING.sub("", question.strip()))
    return match["topic"] if match and not _INTERROGATIVE.search(match["topic"]) else ""


def _replaced(context: str, topic: str) -> str:
    """The question before, asked of another thing: `那TCP呢` after `UDP的首部多少字节` is `TCP的首部多少字节`.

    UDP goes, for chunks on UDP would fill the ranking. The word that goes is the one most like the new one: with the longest
    common ending (流量控制, 拥塞控制), else a Latin one for a Latin one, else the first term.
    """
    topics = _topics(context) or _content(context)
    candidates = [word for word in topics if word in _terms()] or topics
    new = normalize(topic)
    old = max(candidates, key=lambda word: (_common_ending(word, new), word.isascii() == new.isascii()), default="")
    spaced = r"\s*".join(map(re.escape, old))  # words() closes `B 树` up
    text, count = re.subn(spaced, lambda _: topic, context, flags=re.IGNORECASE) if old else (context, 0)
    return text if count else " ".join([topic, *(word for word in topics if word != old)])


def _common_ending(a: str, b: str) -> int:
    pairs = zip(reversed(a), reversed(b), strict=False)
    return next((n for n, (x, y) in enumerate(pairs) if x != y), min(len(a), len(b)))


def _refers_back(question: str) -> bool:
    """Whether a pronoun stands before anything that it could mean: a topic, or a clause (`…还没跑完，谁把它挪走`)."""
    match = _PRONOUN.search(question.lower())
    before = question[: match.start()] if match else ""
    return bool(match) and not _topics(before) and not (len(before) >= 8 and _CLAUSE_END.search(before))


def _topics(text: str) -> list[str]:
    """The words that say what a question is about. An aspect is one when its meaning is asked: `时间复杂度是什么`."""
    if defined := re.match(r"(?:什么(?:是|叫))(.+?)[？?]?$|(.+?)(?:是什么(?:意思)?|的定义|的概念)[？?]?$", text.strip()):
        subject = (defined[1] or defined[2]).strip()
        if normalize(subject) in _terms():
            return [normalize(subject)]
    return [word for word in _content(text) if word not in _ASPECTS]


def _content(text: str) -> list[str]:
    distinct = [w for w in dict.fromkeys(words(text)) if w not in STOP_WORDS and w not in GENERIC_WORDS and w not in _FILLERS]
    return [w for w in distinct if not _NUMBERED.match(w) and (len(w) > 1 or w.isascii() or w in _NOUNS or w in _terms())]


@cache
def _terms() -> frozenset[str]:
    return frozenset(normalize(term) for subject in SUBJECTS for group in terms_of(subject) for term in group)
