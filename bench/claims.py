"""How well the rule about words tells claims with a source from those without. Run as: python -m bench.claims DATA

DATA is a data folder with the shipped handouts and notes. Of the gold questions that two documents answer in full, in words of
their own: a quote of one as the claim, and a chunk of the other as its source (borne out: both answer one question, though one
may say more than the other). Not borne out: the same with a number, or a negation, changed; and the claim beside the best chunk
that was found for the question and holds no words that answer it (now and then one of these does bear it out).
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator
from itertools import permutations
from pathlib import Path

from eval.answer_quality.claims_rule import RuleChecker
from eval.gold import GOLD, GoldQuestion, found_in, read_gold
from knowledge.quotes import squeezed
from knowledge.subjects import SUBJECTS
from rag import support
from rag.fence import FencedPassage
from rag.retrieval import open_retriever
from rag.support import numbers_of
from settings import Settings
from vector_db.store import open_store

Pair = tuple[str, FencedPassage]


def main() -> int:
    """Print the share that the rule bears out of each sort, for several thresholds."""
    store = open_store(settings := Settings(data_dir=Path(sys.argv[1])))
    retriever = open_retriever(settings, store)
    chunks = [FencedPassage(1, chunk.metadata["section"], chunk.page_content) for chunk in store.chunks(SUBJECTS)]

    def beside(question: GoldQuestion) -> FencedPassage | None:
        found = (FencedPassage(1, c.metadata["section"], c.page_content) for c, _ in retriever.search(question.question))
        return next((p for p in found if not found_in(f"{p.section}\n{p.text}", question)), None)

    pairs, foreign = list[Pair](), list[Pair]()
    for question in read_gold(sorted(GOLD.glob("retrieval.*.jsonl"))):
        own = list(_reworded(question, chunks))
        pairs += own
        if own and (other := beside(question)):
            foreign += [(claim, other) for claim in dict.fromkeys(claim for claim, _ in own)]
    sorts = {
        "reworded": pairs,
        "number": _changed(pairs, _other_number),
        "negated": _changed(pairs, _negated),
        "foreign": foreign,
    }
    print("least  " + "  ".join(f"{name} ({len(found)})" for name, found in sorts.items()))
    for least in (0.4, 0.5, 0.6, 0.7, 0.8):
        support._LEAST = least
        checker = RuleChecker(store.idf)
        shares = [
            sum(checker.check([c], [p])[0].verdict == "supported" for c, p in found) / len(found) for found in sorts.values()
        ]
        print(f"{least:.1f}    " + "  ".join(f"{share:.3f}" for share in shares))
    return 0


def _reworded(question: GoldQuestion, chunks: list[FencedPassage]) -> Iterator[Pair]:
    full = [judgement for judgement in question.judgements if judgement.grade == 2]
    for one, two in permutations(full, 2):
        source = next((c for c in chunks if squeezed(two.quote) in squeezed(c.text)), None)
        if one.source != two.source and source and squeezed(one.quote) not in squeezed(source.text):
            yield one.quote, source


def _changed(pairs: list[Pair], change: Callable[[str], str]) -> list[Pair]:
    return [(changed, source) for claim, source in pairs if (changed := change(claim)) != claim]


def _other_number(claim: str) -> str:
    found = sorted(number for number in numbers_of(claim) if number in claim)
    return re.sub(rf"(?<!\d){re.escape(found[0])}(?!\d)", "97", claim) if found else claim


def _negated(claim: str) -> str:
    return claim.replace("不", "", 1) if "不" in claim else re.sub("(是|能|会|要|需)", r"不\1", claim, count=1)


if __name__ == "__main__":
    raise SystemExit(main())
