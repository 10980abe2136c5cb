"""Claims told and checked by a language model, which may not be the one that answered."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Literal

from langchain_core.language_models import BaseChatModel
from pydantic import BaseModel

from eval.answer_quality.claims import Checked, Verdict
from rag.fence import FencedPassage, fence, fenced_text
from rag.json_reply import read_json
from rag.prompts_claims import CHECK_FORM, CHECK_ROLE, CLAIMS_FORM, CLAIMS_ROLE
from rag.ruling import ruled

__all__ = ["JudgeChecker"]

_MOST = 30
"""Claims of one answer."""
_VERDICTS: dict[str, Verdict] = {"支持": "supported", "不支持": "unsupported", "矛盾": "contradicted"}


class _Claims(BaseModel):
    claims: list[str]


class _One(BaseModel):
    n: int
    reason: str = ""
    verdict: Literal["支持", "不支持", "矛盾"]


class _CheckedClaims(BaseModel):
    checked: list[_One]


class JudgeChecker:
    """Has a language model split answers into claims and check each. What it does not say in the form, twice, stays `unscored`."""

    def __init__(self, chat_model: BaseChatModel, label: str) -> None:
        self._chat_model = chat_model
        self.name = f"由 {label} 核对"

    def claims(self, question: str, answer: str, spoken: Sequence[str]) -> list[str] | None:
        """The claims as the model tells them."""
        message = CLAIMS_FORM.format(question=fenced_text("question", question), reply=fenced_text("reply", answer), most=_MOST)
        told = ruled(self._chat_model, CLAIMS_ROLE, message, partial(read_json, form=_Claims)).value
        return None if told is None else [claim.strip() for claim in told.claims[:_MOST] if claim.strip()]

    def check(self, claims: Sequence[str], passages: Sequence[FencedPassage]) -> list[Checked]:
        """All claims in one message."""
        if not claims:
            return []
        listed = fenced_text("material", "\n".join(f"{n}. {' '.join(claim.split())}" for n, claim in enumerate(claims, 1)))
        message = CHECK_FORM.format(passages=fence(passages), claims=listed)
        ruling = ruled(self._chat_model, CHECK_ROLE, message, partial(read_json, form=_CheckedClaims))
        told = {one.n: one for one in reversed(ruling.value.checked)} if ruling.value else {}
        missing = f"评委模型两次都没有按格式回答（{ruling.problem}）" if ruling.value is None else "评委模型漏了这一条"
        return [_checked(claim, told.get(n), missing) for n, claim in enumerate(claims, 1)]


def _checked(claim: str, told: _One | None, missing: str) -> Checked:
    return Checked(claim, _VERDICTS[told.verdict], told.reason) if told else Checked(claim, "unscored", missing)
