"""A real, tiny base, adapters of several kinds on it, and the command in-process."""

from __future__ import annotations

import gc
import json
import warnings
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from finetune.lineage import Lineage, made_of, under_of, write_lineage
from finetune.merge import main
from finetune.merging import reload_check
from finetune.tiny_models import Size, build_tiny

TEXTS = ["什么是死锁？多个进程互相等待对方占有的资源。", "TCP 建立连接要三次握手。", "B+ 树的叶子结点用指针相连。"] * 4
NAMES = {
    "a": {"r": 8, "lora_alpha": 16},
    "b": {"r": 4, "lora_alpha": 4, "target_modules": ["q_proj", "down_proj"]},
    "rs": {"r": 4, "lora_alpha": 8, "use_rslora": True, "rank_pattern": {"q_proj": 2}, "alpha_pattern": {"q_proj": 6}},
    "dora": {"r": 4, "use_dora": True},
    "head": {"r": 4, "modules_to_save": ["lm_head"]},
}


class Workshop:
    """A folder with a base and adapters, and what is needed to make more of them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.base = build_tiny(folder / "base", "qwen3", TEXTS, seed=1, size=Size(spread=0.1))
        self._grow(self.base)
        for seed, (name, changes) in enumerate(NAMES.items()):
            self.adapter(name, seed, self.base, **changes)

    def _grow(self, folder: Path) -> None:
        """More embeddings than tokens, as Qwen has, and a generation configuration with two faults of real models."""
        from transformers import AutoModelForCausalLM, AutoTokenizer

        model = AutoModelForCausalLM.from_pretrained(folder)
        model.resize_token_embeddings(model.config.vocab_size + 2, mean_resizing=False)
        model.save_pretrained(folder)
        pad = AutoTokenizer.from_pretrained(folder).pad_token_id
        (folder / "generation_config.json").write_text(json.dumps({"eos_token_id": pad, "do_sample": False, "temperature": 0.6}))

    def adapter(self, name: str, seed: int, base: Path, lineage: bool = True, **changes: Any) -> Path:
        """An adapter with random matrices on a base."""
        import torch
        from peft import LoraConfig, get_peft_model
        from transformers import AutoModelForCausalLM

        torch.manual_seed(seed)
        folder = self.folder / name
        settings = {"target_modules": "all-linear", "task_type": "CAUSAL_LM"} | changes
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "Model has `tie_word_embeddings=True`|Setting `save_embedding_layers`", UserWarning)
            model: Any = get_peft_model(AutoModelForCausalLM.from_pretrained(base), LoraConfig(**settings))
            for place, weight in model.named_parameters():
                if weight.requires_grad and "lora_A" not in place:
                    weight.data += 0.03 * torch.randn_like(weight)
            model.save_pretrained(folder)
        if lineage:
            write_lineage(folder, Lineage("adapter", made_of(base), under=under_of(base)))
        return folder

    def __truediv__(self, name: str) -> Path:
        return self.folder / name


@pytest.fixture(scope="package")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workshop]:
    import torch

    threads = torch.get_num_threads()
    torch.set_num_threads(1)  # models as small as these wait for their threads most of the time
    made = Workshop(tmp_path_factory.mktemp("merge"))
    gc.freeze()  # each merge collects garbage: through all that torch and peft brought along, that takes half its time
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reload_check, "_TOKENS", 6)  # of each answer that is compared: they take most of the time
        yield made
    gc.unfreeze()
    torch.set_num_threads(threads)


@pytest.fixture
def merge(shop: Workshop, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., Any]:
    """The command in-process; returns its JSON, or exit status and message."""

    def call(adapters: Sequence[Path], *arguments: str, base: Path = shop.base, out: str = "out") -> Any:
        given = [part for folder in adapters for part in ("--adapter", str(folder))]
        status = main([str(base), *given, "--out", str(tmp_path / out), "--json", *arguments])
        shown = capsys.readouterr()
        return json.loads(shown.out.splitlines()[-1]) if status == 0 else (status, shown.err)

    return call


def assert_nothing_written(folder: Path) -> None:
    assert [path.name for path in folder.iterdir() if "out" in path.name] == []
