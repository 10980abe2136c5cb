"""Loading a causal language model and its tokenizer by transformers: precision, quantization, devices, adapter."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple

from errors import ModelLoadError
from rag.chat_models.adapters import check_adapter, with_adapter
from rag.chat_models.model_folder import quantization_of, read_config, window_of
from settings import Settings

__all__ = ["Loaded", "load_local", "load_tokenizer"]


class Loaded(NamedTuple):
    """A model ready to generate, its tokenizer, and the window in tokens that its configuration states."""

    model: Any
    tokenizer: Any
    window: int | None


def load_local(settings: Settings, name: str, needs_template: bool = True) -> Loaded:
    """Load the model `name` (a folder, or the Hub's name of a model in the cache) as the settings want it.

    Only safetensors are read; code that comes with the model runs only with `chat_trust_remote_code`.

    Raises:
        ModelLoadError: model, tokenizer or adapter can't be loaded, or this machine lacks what they need.
    """
    config = read_config(name)
    _check_machine(settings, name, config)
    if settings.chat_adapter:
        check_adapter(settings.chat_adapter)  # cheap, before gigabytes are read
    tokenizer = load_tokenizer(settings, name, needs_template)
    model = _load_weights(settings, name)
    if settings.chat_adapter:
        model = with_adapter(model, settings.chat_adapter, settings.chat_merge_adapter)
    model.eval()
    return Loaded(model, tokenizer, window_of(config))


def load_tokenizer(settings: Settings, name: str, needs_template: bool = True) -> Any:
    """The model's tokenizer.

    Raises:
        ModelLoadError: it can't be loaded, or lacks a chat template that it needs.
    """
    from transformers import AutoTokenizer

    try:
        tokenizer = AutoTokenizer.from_pretrained(_place(name), trust_remote_code=settings.chat_trust_remote_code)
    except Exception as error:  # noqa: BLE001 - tokenizers raises bare Exception, and a model's own code whatever it likes
        raise _explained(error, name, "分词器（tokenizer）") from error
    if needs_template and not tokenizer.chat_template:
        raise ModelLoadError(f"模型“{name}”没有对话模板（chat_template），不能用来对话。请换成对话（Chat/Instruct）模型。")
    return tokenizer


def _load_weights(settings: Settings, name: str) -> Any:
    from transformers import AutoModelForCausalLM

    try:
        return AutoModelForCausalLM.from_pretrained(
            _place(name),
            dtype=settings.chat_dtype,
            device_map=settings.chat_device_map,
            quantization_config=_quantization(settings),
            trust_remote_code=settings.chat_trust_remote_code,
            use_safetensors=True,
        )
    except Exception as error:  # noqa: BLE001 - safetensors, quantizers and a model's own code raise whatever they like
        raise _explained(error, name, "权重") from error


def _quantization(settings: Settings) -> Any:
    if settings.chat_quantization == "none":
        return None
    import torch
    from transformers import BitsAndBytesConfig

    if settings.chat_quantization == "8bit":
        return BitsAndBytesConfig(load_in_8bit=True)
    compute = torch.bfloat16 if settings.chat_dtype == "auto" else getattr(torch, settings.chat_dtype)
    return BitsAndBytesConfig(
        load_in_4bit=True, bnb_4bit_quant_type="nf4", bnb_4bit_use_double_quant=True, bnb_4bit_compute_dtype=compute
    )


def _check_machine(settings: Settings, name: str, config: dict[str, Any]) -> None:
    import torch

    if settings.chat_device_map.startswith("cuda") and not torch.cuda.is_available():
        raise ModelLoadError("这台机器没有可用的 CUDA 显卡。请把 TUTOR_CHAT_DEVICE_MAP 改为 auto 或 cpu。")
    stored = quantization_of(config)
    if stored == "awq":
        _check_awq(name, torch.cuda.is_available())
    if settings.chat_quantization == "none":
        return
    if stored:
        raise ModelLoadError(f"模型“{name}”已经量化过（{stored}），不能再量化一次。请把 TUTOR_CHAT_QUANTIZATION 设为 none。")
    if settings.chat_merge_adapter and settings.chat_adapter:
        raise ModelLoadError(
            "适配器不能合并进量化后的底座（误差会留在权重里）。请关闭 TUTOR_CHAT_MERGE_ADAPTER 或 TUTOR_CHAT_QUANTIZATION。"
        )
    if not find_spec("bitsandbytes"):
        raise ModelLoadError(
            '量化加载需要 bitsandbytes，这个环境里没有。请运行 pip install "bitsandbytes>=0.50"，或把 TUTOR_CHAT_QUANTIZATION 设为 none。'
        )


def _check_awq(name: str, gpu: bool) -> None:
    lacking = ([] if gpu else ["CUDA 显卡"]) + ([] if find_spec("gptqmodel") else ["软件包 gptqmodel"])
    if lacking:
        raise ModelLoadError(
            f"模型“{name}”是 AWQ 量化的，在这里运行它还缺少：{'、'.join(lacking)}。请在有显卡的服务环境里用 lmdeploy 运行它"
            "（TUTOR_CHAT_MODEL=lmdeploy:目录，或启动接口后用 openai:），或换用未量化的模型。"
        )


def _place(name: str) -> str:
    folder = Path(name).expanduser()
    return str(folder) if folder.is_dir() else name


def _explained(error: Exception, name: str, what: str) -> ModelLoadError:
    told = str(error)
    if "trust_remote_code" in told:
        return ModelLoadError(
            f"模型“{name}”要运行它目录里自带的代码。确认来源可信后，设置 TUTOR_CHAT_TRUST_REMOTE_CODE=1 再启动；否则请换一个模型。"
        )
    if isinstance(error, MemoryError) or "out of memory" in told or "can't allocate memory" in told:
        return ModelLoadError(
            f"内存或显存放不下模型“{name}”。请换较小的模型，或设置 TUTOR_CHAT_QUANTIZATION=4bit、TUTOR_CHAT_DTYPE=bfloat16。"
        )
    if isinstance(error, ImportError):
        return ModelLoadError(f"加载模型“{name}”还缺少软件包：{told.strip().splitlines()[0]}。请安装后重试。")
    return ModelLoadError(
        f"无法加载本地模型“{name}”的{what}（{type(error).__name__}）。请检查 TUTOR_CHAT_MODEL 指向的目录是否完整：需要 config.json、"
        "tokenizer 与 safetensors 权重；也请检查 TUTOR_CHAT_DEVICE_MAP 与 TUTOR_CHAT_DTYPE。"
    )
