"""按词句核对: a claim is borne out by a passage that holds most of its words and all of its numbers (rag/support.py).

It never says `contradicted`.
"""

from __future__ import annotations

from collections.abc import Sequence

from eval.answer_quality.claims import Checked, is_claim
from rag.citations import locate
from rag.fence import FencedPassage
from rag.support import Idf, lacking

__all__ = ["RULE", "RuleChecker"]

RULE = "按词句核对"


class RuleChecker:
    """Checks by words, numbers and negations; a sentence is a claim."""

    name = RULE

    def __init__(self, idf: Idf) -> None:
        self._idf = idf

    def claims(self, question: str, answer: str, spoken: Sequence[str]) -> list[str]:
        """The sentences that say something."""
        return [text for text in spoken if is_claim(text)]

    def check(self, claims: Sequence[str], passages: Sequence[FencedPassage]) -> list[Checked]:
        """Each claim against the passage that bears it out best; passages are not put together."""
        return [self._best(claim, passages) for claim in claims]

    def _best(self, claim: str, passages: Sequence[FencedPassage]) -> Checked:
        reasons = []
        for passage in passages:
            problem = lacking(claim, passage, self._idf)
            if not problem:
                told = "的原文" if locate(claim, passage.text) else "有它的词"
                return Checked(claim, "supported", f"资料 {passage.n} {told}")
            reasons.append(problem)
        return Checked(claim, "unsupported", min(reasons, default=(9.0, "没有资料"))[1])
