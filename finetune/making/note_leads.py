"""A sentence that announces a list, a table or code, as the question that these answer."""

from __future__ import annotations

import re

from finetune.making.note_blocks import Block

__all__ = ["asked_by"]

_ANNOUNCED = re.compile(r"(?:如下|见下表)[：:。]$")
_NOTED = re.compile(r"^(.+)如下(?:，([^，。；]+)|（([^）]+)）)[：:。]$")
"""`……的性能如下，n 为记录数：`: what is announced, and a word on it."""
_WHICH = re.compile(r"(?:以下|下列|下面)(?=[一二两三四五六七八九十]?[^，。；：]{1,16}[：:。]$)")
_COUNTED = re.compile(r"哪些(?=[一二两三四五六七八九十])")
_SAYS = re.compile(
    r"(分为|分成|包括|得到|确定|满足|遵循|有|从|由)((?:以下)?)([一二两三四五六七八九十]+)(?=[个种类条步项部])(?!.*(?:如下|是什么))"
)
"""A verb and how many: no name of a thing, but a sentence that is to be asked for what it counts."""
_NO_NAME = re.compile(r"(?:决定|采用|取决于|沿用)[^的]{2,}$|(?:按[^的]*|可以[^的]*)分类$|^哪些采用|^其他")
"""Sentences that don't become a question by 是什么."""


def asked_by(block: Block) -> str:
    """The question that a block's lead-in makes of it, '' if it makes none that can be read."""
    lead, note = _parted(re.sub("本[节讲](?=约定)", "", block.lead))
    if block.kind == "code":
        before, comma, last = _ANNOUNCED.sub("", lead).rpartition("，")
        asked = f"{before}{comma}请写出{last}{note}。"
        return "" if re.search(r"请写出(?:下面|返回)|[：:。]。$", asked) else asked
    if lead.endswith("的比较见下表。"):
        return f"{lead.removesuffix('的比较见下表。')}有什么不同？请用表格比较。"
    asked = _of_what(lead, note)
    return f"{asked}请用表格说明。" if asked and block.kind == "table" else asked


def _parted(lead: str) -> tuple[str, str]:
    """A lead-in, and what it says besides: `（n 为记录数）`."""
    found = _NOTED.match(lead)
    return (f"{found[1]}如下：", f"（{found[2] or found[3]}）") if found else (lead, "")


def _of_what(lead: str, note: str) -> str:
    body = _ANNOUNCED.sub("", _COUNTED.sub("哪", _WHICH.sub("哪些", lead))).rstrip("：:。")
    before, comma, last = body.rpartition("，")
    counted = _SAYS.sub(r"\1哪\3", last, count=1) if "哪" not in last and "的" not in last.partition("分为")[2] else last
    if _NO_NAME.search(last) or re.match(r"设|采用|每", last):
        return ""
    if counted.endswith("包括"):
        counted += "哪些"
    return f"{before}{comma}{counted}{note}？" if "哪" in counted else f"{body}{note}是什么？"
