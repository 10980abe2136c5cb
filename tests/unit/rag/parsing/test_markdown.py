"""Long Markdown files are read a portion at a time; nobody may see where one ends."""

from typing import Any

import pytest

from rag.parsing import parse
from settings import Settings

BLOCKS = {
    "fence": "```c\n" + "int a;\n" * 40 + "```",
    "list": "- item\n  goes on\n" * 20,
    "table": "| a | b |\n| - | - |\n" + "| 1 | 2 |\n" * 40,
    "quotation": "> said\n" * 40,
    "paragraph": "a line of it\n" * 40,
    "heading": "underlined\n===",
}


@pytest.mark.parametrize("kind", BLOCKS)
@pytest.mark.parametrize("before", [4960, 4970, 4998, 4999, 5000])
def test_a_block_at_the_border_is_whole(kind: str, before: int, write: Any, settings: Settings) -> None:
    (alone,) = parse(write("alone.md", BLOCKS[kind]), settings)
    (page,) = parse(write("a.md", "x\n\n" * (before // 2) + "\n" * (before % 2) + BLOCKS[kind] + "\n\nend\n"), settings)
    assert page.blocks[: before // 2] == (page.blocks[0],) * (before // 2)
    assert page.blocks[before // 2 : -1] == alone.blocks and page.blocks[-1].text == "end"


def test_a_block_longer_than_a_portion_loses_nothing(write: Any, settings: Settings) -> None:
    (page,) = parse(write("a.md", "".join(f"- item {i}\n" for i in range(12_000))), settings)
    assert [block.text for block in page.blocks] == [f"- item {i}" for i in range(12_000)]


def test_brackets_cost_no_more_than_their_length(write: Any, settings: Settings) -> None:
    (page,) = parse(write("a.md", "words\n\n" + "![[" * 500_000), settings)
    assert page.blocks[0].text == "words"
