"""Whether a merged model says what base and adapters said: logits and greedy answers, before merging and after loading it again."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from errors import ModelLoadError

__all__ = ["PROMPTS", "Answer", "Comparison", "ask", "check_merged", "check_saved", "compare", "prompt_ids", "tolerance"]

PROMPTS = ("什么是死锁？", "简述 TCP 三次握手的过程。", "B+ 树的叶子结点为什么要用指针相连？")
"""Short, so that a model of 7 billion parameters answers them on a CPU within minutes."""
_TOKENS = 16
_EXACT = 1e-4
"""Difference of logits, of float32, and of whatever was only written and read: facts measured 6e-6 for both together."""
_ROUNDINGS = 8
"""Of half precision: a weight is rounded once more by merging; 2 to 3 roundings of the largest logit were measured."""


@dataclass(frozen=True)
class Answer:
    """What a model makes of one prompt: scores [prompt tokens, vocabulary] in float32, the greedy answer and its scores."""

    logits: Any
    tokens: tuple[int, ...] = ()
    scores: Any = None


@dataclass(frozen=True)
class Comparison:
    """How far a model is from the one that it should equal.

    Attributes:
        difference: the largest of all logits.
        tolerance: how large it may be.
        same_tokens: whether the greedy answers are the same.
        ties: answers that differ only where two tokens scored the same within the tolerance; they count as the same.
    """

    difference: float
    tolerance: float
    same_tokens: bool
    ties: int = 0

    @property
    def equal(self) -> bool:
        """Whether it passes. NaN does not."""
        return self.difference <= self.tolerance and self.same_tokens


def prompt_ids(tokenizer: Any) -> list[list[int]]:
    """The prompts in the model's own chat template; as they stand if it has none."""
    from langchain_core.messages import HumanMessage

    from rag.chat_models.template import ChatTemplate

    if not tokenizer.chat_template:
        return [list(tokenizer(text).input_ids) for text in PROMPTS]
    template = ChatTemplate(tokenizer)
    return [template.prompt([HumanMessage(text)]) for text in PROMPTS]


def ask(model: Any, prompts: Sequence[Sequence[int]], config: Any = None) -> list[Answer]:
    """Logits of each prompt; with a generation configuration, the greedy answer too."""
    import torch

    answers = []
    for prompt in prompts:
        ids = torch.tensor([list(prompt)], device=model.device)
        with torch.inference_mode():
            logits = model(input_ids=ids, attention_mask=torch.ones_like(ids)).logits[0].float().cpu()
            answers.append(Answer(logits) if config is None else _generated(model, ids, config, logits))
    return answers


def _generated(model: Any, ids: Any, config: Any, logits: Any) -> Answer:
    import torch

    own = copy.copy(config)
    own.update(max_new_tokens=_TOKENS, return_dict_in_generate=True, output_logits=True)
    result = model.generate(input_ids=ids, attention_mask=torch.ones_like(ids), generation_config=own)
    scores = torch.cat(list(result.logits)).float().cpu()
    return Answer(logits, tuple(result.sequences[0, ids.shape[1] :].tolist()), scores)


def tolerance(dtype: Any, largest: float) -> float:
    """How far the logits of a merged model may be from those of base and adapters, the largest logit being `largest`.

    1e-4 in float32, for logits up to 1, and in proportion beyond. In half precision a merged weight is rounded once more
    than base and adapter apart: 8 roundings, 0.0078 of the largest logit in float16, 0.0625 in bfloat16.
    """
    import torch

    exact = dtype in (torch.float32, torch.float64)
    return (_EXACT if exact else _ROUNDINGS * torch.finfo(dtype).eps) * max(1.0, largest)


def compare(right: Sequence[Answer], found: Sequence[Answer], dtype: Any) -> Comparison:
    """How far `found` is from `right`."""
    difference = _largest([one.logits - other.logits for one, other in zip(right, found, strict=True)])
    allowed = tolerance(dtype, _largest([one.logits for one in right]))
    verdicts = [_same(one, other, allowed) for one, other in zip(right, found, strict=True)]
    return Comparison(difference, allowed, all(one is not False for one in verdicts), verdicts.count(None))


def _largest(logits: Sequence[Any]) -> float:
    """The largest size of a value; NaN if there is one, which Python's own `max` may pass over."""
    import torch

    return float(torch.stack([one.abs().max() for one in logits]).max())


def _same(right: Answer, found: Answer, allowed: float) -> bool | None:
    """Whether two greedy answers agree; None if they part where both tokens scored alike."""
    if right.tokens == found.tokens:
        return True
    at = next((n for n, (a, b) in enumerate(zip(right.tokens, found.tokens, strict=False)) if a != b), None)
    if at is None:  # one is the beginning of the other: they end at different tokens
        return False
    gap = float(right.scores[at, right.tokens[at]] - right.scores[at, found.tokens[at]])
    return None if gap <= 2 * allowed else False


def check_merged(name: str, comparison: Comparison) -> None:
    """Whether a merge in memory changed nothing but the form.

    Raises:
        ModelLoadError: it did.
    """
    if not comparison.equal:
        raise ModelLoadError(
            f"合并“{name}”后，logits 与合并前最多相差 {comparison.difference:.2g}（容许 {comparison.tolerance:.2g}），结果不可信，没有写出。"
            "请改用 --dtype float32 重试；若仍然如此，请不合并，直接用 python -m finetune.infer --adapter。"
        )


def check_saved(kept: Comparison, comparison: Comparison) -> None:
    """Whether the saved model, loaded again, is just what was in memory (`kept`, by its logits), and base and adapters.

    Raises:
        ModelLoadError: it is not.
    """
    if not kept.difference <= kept.tolerance:
        raise ModelLoadError(_unlike("内存中合并好的模型", kept))
    if not comparison.equal:
        raise ModelLoadError(_unlike("底座加适配器", comparison))


def _unlike(what: str, comparison: Comparison) -> str:
    tokens = "" if comparison.same_tokens else "，生成的回答也不同"
    return (
        f"复核没有通过：重新加载合并后的模型，logits 与{what}最多相差 {comparison.difference:.2g}（容许 {comparison.tolerance:.2g}）{tokens}。"
        "没有写出模型。请检查磁盘，或改用 --dtype float32 重试；若仍然如此，请不合并，直接用 python -m finetune.infer --adapter。"
    )
