"""What the model in training answers to a few questions, so that one sees what it is learning."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from langchain_core.messages import BaseMessage, HumanMessage, SystemMessage

from rag.chat_models.generation import generation_config
from rag.chat_models.template import ChatTemplate

__all__ = ["Answer", "answers"]


class Answer(NamedTuple):
    """What was answered; `stopped` if the model ended its turn by itself."""

    question: str
    text: str
    stopped: bool


def answers(model: Any, tokenizer: Any, questions: Sequence[str], system: str, limit: int) -> Iterator[Answer]:
    """The greedy answer to each question, of at most `limit` tokens; the model is left as it was."""
    import torch

    template = ChatTemplate(tokenizer)
    ends = template.end_tokens()
    config = generation_config(model, ends, tokenizer.pad_token_id)
    config.max_new_tokens = limit
    learning = model.training
    model.eval()
    try:
        for question in questions:
            messages: list[BaseMessage] = [*([SystemMessage(system)] if system else []), HumanMessage(question)]
            prompt = torch.tensor([template.prompt(messages)], device=model.device)
            with torch.no_grad():  # no inference mode: what it leaves in the model's buffers could not be trained on
                out = model.generate(input_ids=prompt, attention_mask=torch.ones_like(prompt), generation_config=config)
            said = out[0, prompt.shape[1] :].tolist()
            stopped = bool(said) and said[-1] in config.eos_token_id
            yield Answer(question, tokenizer.decode(said, skip_special_tokens=True).strip(), stopped)
    finally:
        model.train(learning)
