"""The `local:` chat model on a tiny model that is built here: real loading, streaming, stopping, an adapter."""

from pathlib import Path

import pytest

from errors import ModelLoadError
from rag.chat_models import load_chat_model
from settings import Settings

TEMPLATE = (
    "{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Qwen3 of a few thousand random weights with a ByteLevel tokenizer and a chat template."""
    import torch
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import PreTrainedTokenizerFast, Qwen3Config, Qwen3ForCausalLM

    torch.manual_seed(408)
    raw = Tokenizer(models.BPE())
    raw.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    raw.decoder = decoders.ByteLevel()
    special = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]
    trainer = trainers.BpeTrainer(vocab_size=400, special_tokens=special, initial_alphabet=pre_tokenizers.ByteLevel.alphabet())
    raw.train_from_iterator(["死锁的四个必要条件是互斥、请求并保持、不剥夺和循环等待。"], trainer)
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=raw, eos_token="<|im_end|>", pad_token="<|endoftext|>")
    tokenizer.chat_template = TEMPLATE
    config = Qwen3Config(
        vocab_size=len(tokenizer), hidden_size=64, intermediate_size=128, num_hidden_layers=2, num_attention_heads=4,
        num_key_value_heads=2, head_dim=16, tie_word_embeddings=False, eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id, initializer_range=0.2,
    )  # fmt: skip
    path = tmp_path_factory.mktemp("tiny")
    Qwen3ForCausalLM(config).save_pretrained(path)
    tokenizer.save_pretrained(path)
    return path


def load(folder: Path, **values):
    return load_chat_model(Settings(_env_file=None, chat_model=f"local:{folder}", chat_max_tokens=40, **values))


def test_streamed_and_whole_answers_agree_and_repeat(folder: Path) -> None:
    chat = load(folder)
    pieces = [str(c.content) for c in chat.stream("死锁？")]
    assert len(pieces) > 3 and "".join(pieces) == chat.invoke("死锁？").content == chat.invoke("死锁？").content


def test_leaving_the_stream_stops_the_generation(folder: Path) -> None:
    chat = load(folder)
    chat.max_new_tokens = 2000
    stream = chat.stream("死锁？")
    next(stream)
    stream.close()
    import threading

    assert not [t for t in threading.enumerate() if getattr(t, "_target", None) == chat._run]


def test_adapter_changes_the_answer_and_a_wrong_one_is_named(folder: Path, tmp_path: Path) -> None:
    import torch
    from peft import LoraConfig, get_peft_model
    from transformers import AutoModelForCausalLM

    lora = get_peft_model(
        AutoModelForCausalLM.from_pretrained(folder), LoraConfig(r=4, target_modules="all-linear", task_type="CAUSAL_LM")
    )
    with torch.no_grad():
        for name, weight in lora.named_parameters():
            if "lora_B" in name:
                weight.normal_(std=0.5)
    lora.save_pretrained(tmp_path / "adapter")
    assert load(folder, chat_adapter=tmp_path / "adapter").invoke("死锁？").content != load(folder).invoke("死锁？").content
    with pytest.raises(ModelLoadError, match="TUTOR_CHAT_ADAPTER"):
        load(folder, chat_adapter=tmp_path)


def test_what_is_no_chat_model_says_so(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(ModelLoadError, match="TUTOR_CHAT_MODEL"):
        load(tmp_path / "nothing")
    import shutil

    bare = shutil.copytree(folder, tmp_path / "bare")
    (bare / "chat_template.jinja").unlink()
    with pytest.raises(ModelLoadError, match="对话模板"):
        load(bare)
