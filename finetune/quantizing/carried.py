"""What decides how a model talks goes with its weights unchanged: tokenizer, chat template, generation settings, own code."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

__all__ = ["carry_over", "state_quantization"]

_TALK = (
    "tokenizer* special_tokens_map.json added_tokens.json vocab* merges.txt *.model *.tiktoken chat_template* "
    "generation_config.json *.py"
).split()


def carry_over(source: Path, out: Path) -> None:
    """Put the files of `source` that decide how it talks into `out`, in place of those that a library wrote there."""
    for pattern in _TALK:
        for written in out.glob(pattern):
            written.unlink()
        for file in source.glob(pattern):
            if file.is_file():
                shutil.copy(file, out)


def state_quantization(config: dict[str, Any], out: Path) -> None:
    """Write the model's own configuration with what the back end stated of quantization and precision.

    The back ends write what they changed for themselves as well, such as `use_cache: false`.
    """
    file = out / "config.json"
    written = json.loads(file.read_bytes())
    stated = {name: written[name] for name in ("quantization_config", "dtype") if name in written}
    kept = {name: value for name, value in config.items() if name != "torch_dtype"}
    file.write_text(json.dumps(kept | stated, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
