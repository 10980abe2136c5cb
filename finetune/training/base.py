"""The base of a run: its folder checked before anything is loaded, its tokenizer, its weights."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from errors import ModelLoadError, SettingsError, UsageError
from finetune.lineage import Made
from finetune.training.config import TrainingConfig
from finetune.training.faults import in_config_words
from finetune.training.hardware import Hardware
from rag.chat_models.loading import load_tokenizer
from rag.chat_models.model_folder import folder_digest, quantization_of, read_config
from settings import Settings

__all__ = ["Base", "find_base", "load_base_tokenizer", "load_weights"]


@dataclass(frozen=True)
class Base:
    """A model to start from: as the user names it, its folder, and the digest of what is in it."""

    name: str
    folder: Path
    digest: str

    @property
    def made(self) -> Made:
        """For a lineage."""
        return Made(self.name, self.digest)


def find_base(config: TrainingConfig) -> Base:
    """The folder of the model that a configuration names, fit to be trained.

    Raises:
        ModelLoadError: there is none, it is damaged, or it is an adapter.
        UsageError: its weights are quantized already.
        SettingsError: qlora without bitsandbytes.
    """
    with in_config_words():
        described = read_config(config.model)
    if stored := quantization_of(described):
        raise UsageError(
            f"底座“{config.model}”已经量化过（{stored}），不能训练。请换成量化之前的模型；想省显存请用 method: qlora。"
        )
    if config.method == "qlora" and not find_spec("bitsandbytes"):
        raise SettingsError(
            "method: qlora 需要 bitsandbytes，这个环境里没有。请按 requirements-train.txt 安装，或改用 method: lora。"
        )
    folder = _folder(config.model)
    return Base(config.model, folder, folder_digest(folder))


def _folder(name: str) -> Path:
    folder = Path(name).expanduser()
    if folder.is_dir():
        return folder
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import LocalEntryNotFoundError

    try:
        return Path(snapshot_download(name, local_files_only=True))
    except (LocalEntryNotFoundError, OSError, ValueError) as error:
        raise ModelLoadError(f"本机没有下载完整的模型“{name}”。请先下载，再在配置的 model 里写它的目录或名称。") from error


def load_base_tokenizer(base: Base, config: TrainingConfig, settings: Settings) -> Any:
    """The base's tokenizer, which has a chat template.

    Raises:
        ModelLoadError: it can't be loaded, or has none.
    """
    trusting = settings.model_copy(update={"chat_trust_remote_code": config.trust_remote_code})
    with in_config_words():
        return load_tokenizer(trusting, str(base.folder))


def load_weights(folder: Path, config: TrainingConfig, hardware: Hardware, device: Any) -> Any:
    """The model in a folder, as the method wants it: frozen in the run's precision, in 4 bits, or whole.

    Args:
        folder: of the base, or of what an earlier stage made of it (full).
        device: where a quantized model is put at once; others are moved by the trainer.

    Raises:
        ModelLoadError: the weights can't be loaded.
    """
    from transformers import AutoModelForCausalLM

    quantized = config.method == "qlora"
    try:
        return AutoModelForCausalLM.from_pretrained(
            str(folder),
            dtype=_dtype(config, hardware),
            quantization_config=_quantization(config, hardware) if quantized else None,
            device_map={"": device} if quantized else None,
            trust_remote_code=config.trust_remote_code,
            use_safetensors=True,
        )
    except Exception as error:  # noqa: BLE001 - safetensors, bitsandbytes and a model's own code raise whatever they like
        if "memory" in str(error) or isinstance(error, MemoryError):
            raise
        raise ModelLoadError(
            f"无法加载底座“{folder}”的权重（{type(error).__name__}）。请检查目录是否完整：需要 config.json、tokenizer 与 safetensors 权重。"
        ) from error


def _dtype(config: TrainingConfig, hardware: Hardware) -> Any:
    """Weights that are trained whole are kept in fp32 (small steps vanish in 16 bits), but for ZeRO, which keeps its own copy."""
    whole = config.method == "full" and config.parallel not in ("zero2", "zero3")
    return hardware.dtype("fp32" if whole else "auto")


def _quantization(config: TrainingConfig, hardware: Hardware) -> Any:
    from transformers import BitsAndBytesConfig

    return BitsAndBytesConfig(
        load_in_4bit=True,
        bnb_4bit_quant_type="nf4",
        bnb_4bit_use_double_quant=config.quantization.double,
        bnb_4bit_compute_dtype=hardware.dtype(config.quantization.compute),
    )
