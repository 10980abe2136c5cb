"""Stems of choice questions: the options apart, what is asked for, and what all stems say left out."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence

__all__ = ["CLAUSE_END", "core_of", "is_negated", "split_options"]

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
CLAUSE_END = re.compile(r"[，,。；;？?！!：:\n]")
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


def split_options(question: str) -> tuple[str, dict[str, str]]:
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


def is_negated(stem: str) -> bool:
    """Whether the clause that asks is a negative one; what the statements ①, ② and the given facts say does not count."""
    plain = _NO_NEGATION.sub(" ", _STATEMENT.sub("", _CODE.sub(" ", stem)))
    if _ALL_BUT.search(plain):
        return True
    asking = [clause for clause in CLAUSE_END.split(plain) if _ASKING.search(clause)]
    last = [clause for clause in CLAUSE_END.split(plain) if clause.strip(" （）()_")][-1:]
    return any(_NEGATION.search(c) and not _FOR_THE_RIGHT.search(c) for c in (asking or last))


def core_of(stem: str) -> str:
    """A stem without what all stems say: `下列关于进程的叙述中，错误的是` is `进程`."""
    core = _FURNITURE_END.sub("", _FURNITURE.sub(" ", stem)).strip(" \n，,、。：:")
    return re.sub(r"[ \u3000]*([，,])[ \u3000，,]*|[ \u3000]{2,}", lambda m: m[1] or " ", core) or stem
