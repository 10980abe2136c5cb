"""A model's reply as plain text to read an answer from: no thoughts, one width and one script of characters, no markup."""

from __future__ import annotations

import re
import unicodedata

from knowledge.text_file import INVISIBLE

__all__ = ["LONGEST", "as_plain", "visible"]

LONGEST = 20_000
"""Characters of a reply that are read: the first 2,000 and the last 18,000 of a longer one, for answers stand at the ends."""
_HEAD = 2_000

_THOUGHT = re.compile(
    r"(?P<open><(?:think|thinking|thought|thoughts|reasoning|reflection|seed:think)>|\[THINK\]|◁think▷|<\|(?:START_THINKING|begin_of_thought)\|>"
    r"|<\|channel\|>(?:analysis|commentary)[^<\n]{0,60}<\|message\|>|\A\s{0,4}analysis(?=[A-Z\u4e00-\u9fff]))"
    r"|(?P<close></(?:think|thinking|thought|thoughts|reasoning|reflection|seed:think)>|\[/THINK\]|◁/think▷"
    r"|<\|(?:END_THINKING|end_of_thought)\|>|<\|channel\|>final[^<\n]{0,60}<\|message\|>|assistantfinal)",
    re.I,
)
"""Marks of thoughts: Qwen and DeepSeek (<think>), Seed, Magistral ([THINK]), Kimi (◁think▷), Command R, gpt-oss (channels, and
what is left of them where special tokens were dropped: analysis…assistantfinal…)."""
_TURN = re.compile(
    r"<\|(?:im_end|im_start|endoftext|eot_id|end|end_of_text|user|assistant|return|start|START_RESPONSE|END_RESPONSE)\|>|</s>|<end_of_turn>"
    r"|<｜end▁of▁sentence｜>"
)
"""Where a turn ends; a model that does not stop there goes on with a dialogue of its own."""
_SIMPLE = str.maketrans(
    "為選應確錯誤項對綜結論題無個則擇當該終與還兩從說這們樣請", "为选应确错误项对综结论题无个则择当该终与还两从说这们样请"
)
"""Traditional characters of the words by which an answer is known."""
_COLONS = str.maketrans("ː∶⇒", "::→")
_GLM_BOX = re.compile(r"<\|(begin|end)_of_box\|>")
_HTML = re.compile(r"</?(?:b|strong|em|i|u|font|span|mark|center|code)(?: [^<>\n]{0,80})?>")
_HTML_LINE = re.compile(r"</?(?:br|p|div|li|ul|ol|h[1-6])(?: [^<>\n]{0,80})?/?>")
_FONT = re.compile(r"\\(?:text|textbf|textit|textrm|mathrm|mathbf|mathsf|mathit|boldsymbol)\s?\{([^{}\n]{0,80})\}")
_BOX = re.compile(r"\\(?:boxed|fbox)\s?(?:\{([^{}\n]{0,120})\}|([A-H]))")
_TICKS = re.compile(r"[✅✔☑✓👉➡☞]\ufe0f?")
_MATH = re.compile(r"\\[()\[\],;! ]|\$")
_TAG = re.compile(r"<(/?)(?:final_?)?answer>", re.I)
_BOLD = re.compile(r"\*{2,3} ?([(\[]?[A-Ha-h][)\]]?)[.。]? ?\*{2,3}|__([A-H])__|(?<![\w*])\*([A-H])\*(?![\w*])|`([A-H])`")
_MARKUP = re.compile(r"\*{2,3}|__|`{1,3}|~~|^ ?(?:#{1,6}|>) ?", re.M)
_BLANKS = re.compile(r"[^\S\n]+")
_NEWLINES = re.compile(r" ?\n[ \n]*")


def visible(reply: str) -> tuple[str, bool]:
    """What a reply says outside its thoughts, and whether a thought was left open.

    A closing tag without an opening one (the prompt held it) ends a thought that began with the reply. An opening tag without
    a closing one takes all that follows.
    """
    kept, start, depth = list[str](), 0, 0
    for tag in _THOUGHT.finditer(reply):
        if tag["open"]:
            if not depth:
                kept.append(reply[start : tag.start()])
            depth += 1
            continue
        if not depth:
            kept.clear()
        depth, start = 0, tag.end()
    if not depth:
        kept.append(reply[start:])
    said = "\n".join(kept)
    turns = (part for part in _TURN.split(said) if part.strip())
    return next(turns, ""), depth > 0


def as_plain(text: str) -> str:
    """NFKC, simplified key words, at most one blank and one empty line, without Markdown and LaTeX.

    What stands in a box or an `<answer>` becomes `答案:…`, a letter in bold «X».
    """
    text = _ends(unicodedata.normalize("NFKC", _ends(text)))  # one character can become 18
    text = INVISIBLE.sub("", text).translate(_SIMPLE).translate(_COLONS).replace("\r", "\n").replace("∴", "所以")
    text = _NEWLINES.sub(_lines, _BLANKS.sub(" ", _TICKS.sub(" ", text)))
    text = _HTML_LINE.sub("\n", _HTML.sub("", text.replace("&nbsp;", " ")))
    text = _GLM_BOX.sub(lambda box: " 答案:" if box[1] == "begin" else " ", text)
    text = _FONT.sub(r"\1", _FONT.sub(r"\1", text))
    text = _BOX.sub(lambda box: f" 答案:{box[1] or box[2] or ''} ", text)
    text = _TAG.sub(lambda tag: "\n" if tag[1] else "\n答案:", _MATH.sub("", text))
    text = _BOLD.sub(lambda bold: f"«{bold[1] or bold[2] or bold[3] or bold[4]}»", text)
    return _NEWLINES.sub(_lines, _BLANKS.sub(" ", _MARKUP.sub("", text))).strip()


def _ends(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[:_HEAD]}\n{text[_HEAD - LONGEST :]}"


def _lines(found: re.Match[str]) -> str:
    return "\n\n" if found[0].count("\n") > 1 else "\n"
