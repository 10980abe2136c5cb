"""Reading a training configuration from YAML, with `--set key=value` over it; what is wrong is said in Chinese, with the key."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, get_args

import yaml
from pydantic import BaseModel, ValidationError

from errors import UsageError
from finetune.training.config import TrainingConfig

__all__ = ["read_training_config"]


def read_training_config(path: Path, changes: Sequence[str] = ()) -> TrainingConfig:
    """The configuration in a YAML file, with changes such as `lora.r=8` or `stages.0.epochs=2` over it.

    Raises:
        UsageError: no such file, no YAML, an unknown key (with the nearest right one), a wrong type or value.
    """
    content = _parsed(path)
    for change in changes:
        _apply(content, change)
    return checked_config(content, str(path))


def checked_config(content: Mapping[str, Any], place: str) -> TrainingConfig:
    """The configuration that a mapping states.

    Raises:
        UsageError: something is wrong in it; all faults are named.
    """
    try:
        return TrainingConfig.model_validate(dict(content))
    except ValidationError as error:
        told = dict.fromkeys(_told(one) for one in error.errors(include_url=False))
        raise UsageError("\n".join([f"配置 {place} 有误：", *(f"  {line}" for line in told)])) from error


def _parsed(path: Path) -> dict[str, Any]:
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError as error:
        raise UsageError(f"找不到配置文件 {path}。请检查路径；自带的配置在 finetune/configs/。") from error
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"读不了配置文件 {path}：它应是 UTF-8 编码的 YAML 文件。请检查编码与权限。") from error
    except yaml.YAMLError as error:
        raise UsageError(f"配置 {path} 不是有效的 YAML{_line(error)}。请检查缩进、冒号后的空格和引号。") from error
    if not isinstance(content, dict):
        raise UsageError(f"配置 {path} 里没有“键: 值”。请参照 finetune/configs/lora.yaml。")
    return content


def _line(error: yaml.YAMLError) -> str:
    mark = getattr(error, "problem_mark", None)
    return f"（第 {mark.line + 1} 行）" if mark else ""


def _apply(content: dict[str, Any], change: str) -> None:
    """Put one `key=value` into the mapping; the value is read as YAML, as in the file."""
    key, equals, value = change.partition("=")
    if not equals or not key.strip():
        raise UsageError(f"--set {change} 写得不对。应是 键=值，如 --set learning_rate=2e-4 或 --set lora.r=8。")
    *folders, last = key.strip().split(".")
    inner: Any = content
    for part in folders:
        place = _place(inner, part, change)
        if isinstance(inner, dict) and inner.get(part) is None:
            inner[part] = {}
        inner = inner[place]
    inner[_place(inner, last, change)] = _value(value, change)


def _place(inner: Any, part: str, change: str) -> str | int:
    """The key, or the number in a list, that a part of a path stands for."""
    if isinstance(inner, dict):
        return part
    if isinstance(inner, list) and part.isdigit() and int(part) < len(inner):
        return int(part)
    raise UsageError(f"--set {change}：配置里没有“{part}”这一项。列表里的项从 0 数起，如 stages.0.epochs。")


def _value(text: str, change: str) -> Any:
    try:
        return yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise UsageError(f"--set {change}：等号后面不是有效的 YAML 值。含冒号、逗号的文字请加引号。") from error


def _told(error: Any) -> str:
    """One fault in Chinese: the path of the key, what is wrong, what is allowed."""
    kind, value = str(error["type"]), error["input"]
    path = [part for part in error["loc"] if not _branch(part)]
    where = ".".join(map(str, path))
    if kind == "extra_forbidden":
        return _unknown(path)
    if kind == "missing":
        return f"{where}：没有写。请补上。"
    if kind == "value_error":
        told = str(error["ctx"]["error"])
        return f"{where}：{told}。" if where else f"{told}。"
    return f"{where}：“{value}”{_why(kind, error.get('ctx', {}))}。"


def _why(kind: str, context: Mapping[str, Any]) -> str:
    for start, told in _REASONS.items():
        if kind.startswith(start):
            return told.format(**context)
    return "不可用"


_REASONS = {
    "literal_error": "不是可选的值，可选 {expected}",
    "int_": "应是整数",
    "float_": "应是数字",
    "finite_number": "应是有限的数字",
    "bool_": "应是 true 或 false",
    "string_pattern": "只能用字母、数字、汉字、_ 和 -，最多 40 个字",
    "string_too_short": "不能是空的",
    "string_type": "应是文字",
    "tuple_type": "应是列表，如 [a, b]",
    "path_type": "应是文件路径",
    "model_type": "应是“键: 值”的一组",
    "model_attributes_type": "应是“键: 值”的一组",
    "greater_than_equal": "太小，至少是 {ge}",
    "greater_than": "太小，应大于 {gt}",
    "less_than_equal": "太大，最多是 {le}",
    "less_than": "太大，应小于 {lt}",
}


def _branch(part: object) -> bool:
    """Pydantic names the alternative of a union in the path: `literal['epoch','never']`, `constrained-int`, `tuple[str, ...]`."""
    return isinstance(part, str) and bool(re.match(r"literal\[|constrained-|tuple\[|int$|function-", part))


def _unknown(path: Sequence[object]) -> str:
    known = list(_model_at(path[:-1]).model_fields)
    near = difflib.get_close_matches(str(path[-1]), known, 1, 0.6)
    hint = f"是不是 {near[0]}？" if near else f"这里可以写：{'、'.join(known)}。"
    return f"{'.'.join(map(str, path))}：没有这个键。{hint}"


def _model_at(path: Sequence[object]) -> type[BaseModel]:
    """The model that stands at a path of keys."""
    model: type[BaseModel] = TrainingConfig
    for part in path:
        if isinstance(part, str) and part in model.model_fields:
            model = _model_in(model.model_fields[part].annotation) or model
    return model


def _model_in(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for one in get_args(annotation) if (found := _model_in(one))), None)
