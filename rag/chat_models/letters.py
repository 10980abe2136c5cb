"""How likely each option letter is as what follows a prompt: its token, its log-probability, what a server tells of it."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from inspect import signature
from typing import Any, ClassVar, Protocol, runtime_checkable

from errors import ChatModelError, LettersUnavailableError

__all__ = ["NOT_FROM_HERE", "LetterScorer", "LetterScores", "letter_logprobs", "letter_tokens", "likeliest", "told_letters"]

NOT_FROM_HERE = "请改用 --mode gen（让模型写出答案）"
"""What to do where the letters can't be weighed."""

_BLANKS = str.maketrans("▁Ġ", "  ")
"""How SentencePiece and byte-level vocabularies write a blank; some servers tell pieces rather than text."""


@dataclass(frozen=True)
class LetterScores:
    """What was found.

    Attributes:
        scores: natural log of each letter's probability as the next token; None for one that the server did not tell.
        input_tokens: of the prompt.
        thinks: whether the likeliest first token is none of an answer, but begins a thought.
    """

    scores: dict[str, float | None]
    input_tokens: int
    thinks: bool = False

    @property
    def mass(self) -> float | None:
        """Probability that one of the letters follows, of those that were told; None if none was."""
        told = [score for score in self.scores.values() if score is not None]
        return math.fsum(map(math.exp, told)) if told else None


@runtime_checkable
class LetterScorer(Protocol):
    """A chat model that can weigh letters: `local:` and `openai:`; `extractive` can't.

    Attributes:
        continues_text: whether it can be given plain text; if not, all that it is told becomes a user's message.
    """

    continues_text: ClassVar[bool]

    def letter_scores(self, prompt: str, letters: Sequence[str], templated: bool = False) -> LetterScores:
        """Weigh the letters as what follows `prompt`.

        Args:
            templated: the prompt becomes the user's message in the model's chat template, and the letter the first token
                of the answer; else it is plain text that the letter continues. An endpoint always does the former.

        Raises:
            ContextTooLongError: the prompt does not fit into the window; nothing is cut off.
            LettersUnavailableError: the letters can't be weighed here.
            ChatModelError: the model failed.
        """
        ...


def letter_tokens(
    encode: Callable[[str], list[int]], prompt: str, letters: Sequence[str], unknown: int | None = None
) -> tuple[list[int], list[int]]:
    """Token ids of the prompt, and the one token of each letter behind it.

    Args:
        encode: a text as token ids, special tokens included.
        unknown: id of the token that stands for what the vocabulary lacks.

    Raises:
        LettersUnavailableError: behind this prompt a letter is not one token of its own, so that probabilities of different things
            would be compared: a vocabulary may join `：A`, put a blank before the letter, or close a text with a token.
    """
    before = encode(prompt)
    whole = [encode(prompt + letter) for letter in letters]
    tokens = [ids[-1] for ids in whole if ids]
    joined = next((letter for letter, ids in zip(letters, whole, strict=True) if ids[:-1] != before), None)
    if joined is not None or unknown in tokens or len(set(tokens)) < len(letters):
        raise LettersUnavailableError(
            f"这个模型的分词器里，接在“{prompt[-3:]}”后面的 {joined or '、'.join(letters)} 不是各自单独的一个 token，"
            f"选项字母的概率无法比较。{NOT_FROM_HERE}，或换一个模型。"
        )
    return before, tokens


def letter_logprobs(model: Any, prompt: Sequence[int], tokens: Sequence[int]) -> tuple[list[float], int]:
    """Natural log of the probability of each of `tokens` behind the prompt, and the likeliest token of all, by one forward pass.

    The softmax is taken in float32 whatever the model computes in. Only the last position's logits are kept where the model
    can leave out the others, which would be prompt × vocabulary numbers.

    Raises:
        ChatModelError: the model gives no finite numbers.
        RuntimeError, ValueError and others of torch: it failed.
    """
    import torch

    ids = torch.tensor([list(prompt)], device=model.device)
    inner = model.get_base_model() if hasattr(model, "peft_config") and hasattr(model, "get_base_model") else model
    last = {"logits_to_keep": 1} if "logits_to_keep" in signature(inner.forward).parameters else {}
    with torch.inference_mode():
        logits = model(input_ids=ids, attention_mask=torch.ones_like(ids), use_cache=False, **last).logits[0, -1]
        whole = torch.log_softmax(logits.float(), dim=-1)
        found, first = [float(x) for x in whole[list(tokens)]], int(whole.argmax())
    if not all(map(math.isfinite, found)):
        raise ChatModelError(
            "模型算出的概率不是有效的数，多半是 float16 溢出。请设 TUTOR_CHAT_DTYPE=bfloat16 或 float32，并检查权重是否完整。"
        )
    return found, first


def told_letters(entries: Iterable[Mapping[str, Any]], letters: Sequence[str]) -> dict[str, float | None]:
    """The letters among a server's likeliest tokens; several tokens of one letter (`A`, ` A`, `Ａ`) count together.

    Args:
        entries: `token` and `logprob` (natural log), as the protocol has them; a token that comes twice counts once.

    Returns:
        None for a letter that is not among them: it is recorded as missing, not guessed.
    """
    logprobs = {str(one.get("token", "")): one.get("logprob") for one in entries}
    found: dict[str, list[float]] = {letter: [] for letter in letters}
    for token, logprob in logprobs.items():
        letter = unicodedata.normalize("NFKC", token).translate(_BLANKS).strip()
        if letter in found and isinstance(logprob, int | float) and math.isfinite(logprob):
            found[letter].append(float(logprob))
    return {letter: _log_sum(parts) for letter, parts in found.items()}


def likeliest(scores: Mapping[str, float | None]) -> str | None:
    """The letter with the highest score, of equal ones the first, as lm-eval chooses; None if none has a score."""
    told = {letter: score for letter, score in scores.items() if score is not None}
    return max(told, key=lambda letter: told[letter]) if told else None


def _log_sum(parts: Sequence[float]) -> float | None:
    """log Σ exp, without underflow."""
    if not parts:
        return None
    most = max(parts)
    return most + math.log(sum(math.exp(part - most) for part in parts))
