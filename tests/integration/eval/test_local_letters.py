"""Letters weighed by a local model: one pass over the whole prompt, by its own tokenizer, in its turn, whatever is wrapped round it."""

from __future__ import annotations

import ctypes
import shutil
import threading
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from langchain_core.messages import HumanMessage

from errors import ChatModelError, ContextTooLongError, LettersUnavailableError, ModelLoadError
from finetune.tiny_models import KINDS, build_tiny
from knowledge.questions import LETTERS
from rag.chat_models import load_chat_model
from rag.chat_models.letters import LetterScorer
from rag.chat_models.lmdeploy import LmdeployChatModel
from settings import Settings

PROMPT = "以下是单项选择题，请选出其中的正确答案。\n\n死锁的必要条件不包括\nA. 互斥\nB. 抢占\nC. 请求并保持\nD. 循环等待\n答案："


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    root = tmp_path_factory.mktemp("models")
    return {kind: build_tiny(root / kind, kind, [PROMPT]) for kind in KINDS}


@pytest.fixture
def load() -> Callable[..., Any]:
    def make(folder: Path, **values: Any) -> Any:
        chat = load_chat_model(Settings(_env_file=None, chat_model=f"local:{folder}", **values))
        assert isinstance(chat, LetterScorer)
        return chat

    return make


def _expected(chat: Any, ids: list[int]) -> dict[str, float]:
    """All positions' logits, and the last of them: the long way round."""
    import torch

    with torch.no_grad():
        last = torch.log_softmax(chat.model(torch.tensor([ids])).logits.float(), dim=-1)[0, -1]
    return {x: float(last[chat.tokenizer.convert_tokens_to_ids(x)]) for x in LETTERS}


@pytest.mark.parametrize("kind", KINDS)
def test_plain_text_begins_as_the_tokenizer_begins_a_text(kind: str, folders: dict[str, Path], load: Any) -> None:
    chat = load(folders[kind])
    ids = chat.tokenizer(PROMPT)["input_ids"]
    assert (ids[0] == chat.tokenizer.bos_token_id) == (kind != "qwen3")
    told = chat.letter_scores(PROMPT, LETTERS)
    assert told.input_tokens == len(ids) and told.scores == pytest.approx(_expected(chat, ids), abs=1e-5)
    assert len(set(told.scores.values())) == 4
    if kind != "qwen3":  # a text that has its beginning already gets no second one
        assert chat.letter_scores(f"<s>{PROMPT}", LETTERS).input_tokens == len(chat.tokenizer(f"<s>{PROMPT}")["input_ids"]) - 1


@pytest.mark.parametrize("kind", KINDS)
def test_in_the_chat_template_the_letter_is_the_answers_first_token(kind: str, folders: dict[str, Path], load: Any) -> None:
    chat = load(folders[kind])
    ids = chat._template.prompt([HumanMessage(PROMPT)])
    told = chat.letter_scores(PROMPT, LETTERS, templated=True)
    assert told.input_tokens == len(ids) and told.scores == pytest.approx(_expected(chat, ids), abs=1e-5)
    assert told.scores != chat.letter_scores(PROMPT, LETTERS).scores


def test_a_model_that_may_think_is_told_not_to(folders: dict[str, Path], load: Any) -> None:
    chat = load(folders["qwen3"])
    plain = chat.letter_scores(PROMPT, LETTERS, templated=True).input_tokens
    chat.tokenizer.chat_template += "{% if enable_thinking is false %}<think>\n\n</think>\n\n{% endif %}"
    empty = len(chat.tokenizer("<think>\n\n</think>\n\n")["input_ids"])
    assert chat.letter_scores(PROMPT, LETTERS, templated=True).input_tokens == plain + empty


def test_a_template_that_begins_a_thought_all_the_same_is_refused(folders: dict[str, Path], load: Any) -> None:
    chat = load(folders["qwen3"])
    expected = chat.letter_scores(PROMPT, LETTERS)
    chat.tokenizer.chat_template += "<think>\n"
    with pytest.raises(LettersUnavailableError, match=r"<think>.*去掉 --chat-template.*--mode gen"):
        chat.letter_scores(PROMPT, LETTERS, templated=True)
    assert chat.letter_scores(PROMPT, LETTERS) == expected, "plain text has no template"
    quoting = chat.tokenizer.chat_template.removesuffix("<think>\n")
    chat.tokenizer.chat_template = quoting
    assert chat.letter_scores(f"模型写出的 <think> 是什么？{PROMPT}", LETTERS, templated=True).mass


def test_a_likeliest_token_that_begins_a_thought_is_told(folders: dict[str, Path], load: Any) -> None:
    import torch

    chat = load(folders["llama"])
    assert not chat.letter_scores(PROMPT, LETTERS, templated=True).thinks
    mark = chat.tokenizer.convert_tokens_to_ids("<")
    chat.model.lm_head.register_forward_hook(lambda _, __, logits: logits.index_fill(-1, torch.tensor([mark]), 99.0))
    told = chat.letter_scores(PROMPT, LETTERS, templated=True)
    assert told.thinks and told.mass is not None and told.mass < 1e-6


def test_only_the_last_positions_logits_are_made(folders: dict[str, Path], load: Any) -> None:
    chat = load(folders["llama"])
    shapes: list[tuple[int, ...]] = []
    chat.model.lm_head.register_forward_hook(lambda _, __, logits: shapes.append(tuple(logits.shape)))
    chat.letter_scores(PROMPT, LETTERS)
    assert shapes == [(1, 1, chat.model.config.vocab_size)]


def test_of_a_model_that_gives_all_positions_the_last_is_taken(folders: dict[str, Path], load: Any) -> None:
    chat = load(folders["llama"])
    expected, whole = chat.letter_scores(PROMPT, LETTERS), chat.model.forward
    chat.model.forward = lambda input_ids, attention_mask, use_cache: whole(input_ids, attention_mask, use_cache=use_cache)
    assert chat.letter_scores(PROMPT, LETTERS).scores == pytest.approx(expected.scores, abs=1e-5)


def test_a_prompt_over_the_window_is_refused_not_cut(folders: dict[str, Path], load: Any) -> None:
    tokens = load(folders["gemma"]).letter_scores(PROMPT, LETTERS).input_tokens
    assert load(folders["gemma"], chat_window_tokens=tokens + 1).letter_scores(PROMPT, LETTERS).input_tokens == tokens
    with pytest.raises(ContextTooLongError, match=f"有 {tokens} 个 token，超过.*（{tokens}）"):
        load(folders["gemma"], chat_window_tokens=tokens).letter_scores(PROMPT, LETTERS)


def test_letters_that_the_vocabulary_joins_are_refused(folders: dict[str, Path], load: Any) -> None:
    chat = load(folders["qwen3"])
    chat.tokenizer.add_tokens(["：B"])
    with pytest.raises(ChatModelError, match="后面的 B 不是.*--mode gen"):
        chat.letter_scores(PROMPT, LETTERS)


def test_an_adapter_counts(folders: dict[str, Path], load: Any, tmp_path: Path) -> None:
    import torch
    from peft import LoraConfig, get_peft_model
    from transformers import AutoModelForCausalLM

    torch.manual_seed(1)
    base = AutoModelForCausalLM.from_pretrained(folders["qwen3"])
    adapted = get_peft_model(base, LoraConfig(r=4, target_modules="all-linear", init_lora_weights=False, task_type="CAUSAL_LM"))
    adapted.save_pretrained(tmp_path / "adapter")
    chat = load(folders["qwen3"], chat_adapter=tmp_path / "adapter")
    shapes: list[tuple[int, ...]] = []
    chat.model.get_base_model().lm_head.register_forward_hook(lambda _, __, logits: shapes.append(tuple(logits.shape)))
    told = chat.letter_scores(PROMPT, LETTERS)
    assert shapes[0][1] == 1 and told.scores == pytest.approx(_expected(chat, chat.tokenizer(PROMPT)["input_ids"]), abs=1e-5)
    plain = load(folders["qwen3"]).letter_scores(PROMPT, LETTERS)
    merged = load(folders["qwen3"], chat_adapter=tmp_path / "adapter", chat_merge_adapter=True).letter_scores(PROMPT, LETTERS)
    assert told.scores != pytest.approx(plain.scores, abs=1e-2) and told.scores == pytest.approx(merged.scores, abs=1e-3)


def test_the_softmax_is_taken_in_float32(folders: dict[str, Path], load: Any) -> None:
    exact = load(folders["llama"], chat_dtype="float32").letter_scores(PROMPT, LETTERS).scores
    chat = load(folders["llama"], chat_dtype="bfloat16")
    half = chat.letter_scores(PROMPT, LETTERS).scores
    assert half == pytest.approx(exact, abs=1.5) and half == _expected(chat, chat.tokenizer(PROMPT)["input_ids"])


@pytest.mark.parametrize("bits", ["4bit", "8bit"])
def test_a_quantized_model_weighs_letters_too(folders: dict[str, Path], load: Any, bits: str) -> None:
    pytest.importorskip("bitsandbytes", reason="没有安装 bitsandbytes")
    chat = load(folders["qwen3"], chat_quantization=bits, chat_dtype="float32")
    told = chat.letter_scores(PROMPT, LETTERS)
    assert told.scores == pytest.approx(_expected(chat, chat.tokenizer(PROMPT)["input_ids"]), abs=1e-2)


def test_probabilities_that_are_no_numbers_are_not_recorded(folders: dict[str, Path], load: Any) -> None:
    chat = load(folders["llama"])
    chat.model.lm_head.register_forward_hook(lambda _, __, logits: logits * float("nan"))
    with pytest.raises(ChatModelError, match="TUTOR_CHAT_DTYPE"):
        chat.letter_scores(PROMPT, LETTERS)


def test_what_goes_wrong_says_what_to_do_and_the_line_goes_on(folders: dict[str, Path], load: Any) -> None:
    chat = load(folders["llama"])
    broken = chat.model.lm_head.register_forward_hook(lambda *_: _raise(RuntimeError("CUDA out of memory")))
    with pytest.raises(ChatModelError, match="显存或内存不足"):
        chat.letter_scores(PROMPT, LETTERS)
    broken.remove()
    assert chat.letter_scores(PROMPT, LETTERS).scores["A"] is not None


def test_one_at_a_time_and_who_waits_can_be_stopped(folders: dict[str, Path], load: Any) -> None:
    chat = load(folders["qwen3"])
    inside, go_on, passes = threading.Event(), threading.Event(), list[int]()

    def hold(*_: Any) -> None:
        passes.append(1)
        inside.set()
        assert go_on.wait(20)

    chat.model.lm_head.register_forward_hook(hold)
    first, second = (_Asking(chat) for _ in range(2))
    first.start()
    assert inside.wait(20)
    second.start()
    waiting = chat.stream([HumanMessage("死锁？")])
    assert next(waiting).content == "" and len(passes) == 1, "both wait for their turn"
    waiting.close()
    second.interrupt()
    second.join(20)
    assert isinstance(second.error, KeyboardInterrupt)
    go_on.set()
    first.join(20)
    assert first.told and first.error is None and len(passes) == 1, "who has left costs nothing"
    assert chat.letter_scores(PROMPT, LETTERS) == first.told


class _Asking(threading.Thread):
    """Asks for the letters, until it is interrupted as Ctrl-C interrupts the main thread."""

    def __init__(self, chat: Any) -> None:
        super().__init__(daemon=True)
        self.chat = chat
        self.told: Any = None
        self.error: BaseException | None = None

    def run(self) -> None:
        try:
            self.told = self.chat.letter_scores(PROMPT, LETTERS)
        except BaseException as error:  # noqa: BLE001 - a thread has no caller
            self.error = error

    def interrupt(self) -> None:
        ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(self.ident or 0), ctypes.py_object(KeyboardInterrupt))


def test_lmdeploy_in_process_says_where_to_ask(folders: dict[str, Path]) -> None:
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(folders["qwen3"])
    chat = LmdeployChatModel(pipeline=None, generation_config=SimpleNamespace, tokenizer=tokenizer, name_told="lmdeploy:q")
    assert isinstance(chat, LetterScorer)
    with pytest.raises(ChatModelError, match=r"--logprobs-mode raw_logprobs.*openai:.*--mode gen"):
        chat.letter_scores(PROMPT, LETTERS)


def test_a_base_model_weighs_letters_though_it_has_no_chat_template(folders: dict[str, Path], tmp_path: Path, load: Any) -> None:
    base = tmp_path / "base"
    shutil.copytree(folders["qwen3"], base)
    (base / "chat_template.jinja").unlink()
    settings = Settings(_env_file=None, chat_model=f"local:{base}")
    with pytest.raises(ModelLoadError, match="没有对话模板"):
        load_chat_model(settings)
    chat = load_chat_model(settings, needs_template=False)
    assert isinstance(chat, LetterScorer)
    assert chat.letter_scores(PROMPT, LETTERS) == load(folders["qwen3"]).letter_scores(PROMPT, LETTERS)
    with pytest.raises(ChatModelError, match="对话模板"):
        chat.letter_scores(PROMPT, LETTERS, templated=True)


def _raise(error: Exception) -> None:
    raise error
