"""Questions that the data hold twice.

What is compared is all that the user says, under the same system prompt. Two are the same

exactly: without blanks, punctuation and differences of width and case;
nearly: if they are alike (`likeness.ALIKE`) and differ in nothing but words that ask or join (请问、简述、的、和、有哪些). Any other
    word makes another question: 前序 and 后序, 正确 and 错误, 4 KB and 8 KB.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from finetune.conversations.conversation import Conversation
from finetune.making.likeness import ALIKE, answered, asked, details, jaccard, plain, wording

__all__ = ["conflicts", "without_duplicates"]

_TELLING = 10
"""Characters of an answer that is known to agree with a longer one that holds it."""


def without_duplicates(
    conversations: Sequence[Conversation],
) -> tuple[list[Conversation], list[tuple[Conversation, Conversation]]]:
    """The first of each question, in order; and each one that is left out, with the one that stays."""
    kept, left_out = list[Conversation](), list[tuple[Conversation, Conversation]]()
    met = defaultdict[tuple[object, ...], list[tuple[str, Conversation]]](list)
    for conversation in conversations:
        form = plain(asked(conversation))
        like = met[plain(conversation.system), wording(form)]
        same = next((other for known, other in like if known == form or jaccard(known, form) >= ALIKE), None)
        if same:
            left_out.append((conversation, same))
        else:
            like.append((form, conversation))
            kept.append(conversation)
    return kept, left_out


def conflicts(left_out: Iterable[tuple[Conversation, Conversation]]) -> list[tuple[Conversation, Conversation]]:
    """Those of the pairs that `without_duplicates` gives whose answers differ.

    Answers agree if their plain forms are the same, one holds the other (from ten characters on), or they are alike with the same
    numbers and names.
    """
    return [(other, first) for other, first in left_out if not _agree(answered(first), answered(other))]


def _agree(one: str, other: str) -> bool:
    short, long = sorted((plain(one), plain(other)), key=len)
    if short == long or (len(short) >= _TELLING and short in long):
        return True
    return details(short) == details(long) and jaccard(short, long) >= ALIKE
