"""Options that no back end can carry out are refused with what to change."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch

from errors import ModelLoadError, UsageError
from finetune.quantizing.job import Job, check_backend, check_options, chosen_device


@pytest.mark.parametrize("options", [{"bits": 8}, {"group_size": 64}, {"method": "gptq"}])
def test_what_only_llm_compressor_can_do(options: Any) -> None:
    with pytest.raises(UsageError, match="--backend llm-compressor"):
        check_options(Job(Path("m"), **options))
    check_options(Job(Path("m"), "llm-compressor", **options))


@pytest.mark.parametrize("options", [{"samples": 0}, {"seqlen": 8}])
def test_too_little_calibration(options: Any) -> None:
    with pytest.raises(UsageError, match="--samples 至少是 1，--seqlen 至少是 16"):
        check_options(Job(Path("m"), **options))


def test_the_device(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert chosen_device("auto", "lmdeploy") == chosen_device("cpu", "llm-compressor") == "cpu"
    with pytest.raises(UsageError, match="CUDA 显卡"):
        chosen_device("cuda", "lmdeploy")
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    assert chosen_device("auto", "lmdeploy") == "cuda" and chosen_device("cpu", "lmdeploy") == "cpu"
    with pytest.raises(UsageError, match="CUDA_VISIBLE_DEVICES"):
        chosen_device("cpu", "llm-compressor")


def test_its_name() -> None:
    assert Job(Path("m"), "llm-compressor", "gptq", 8, 32).scheme == "GPTQ W8A16 g32"


@pytest.mark.parametrize(("backend", "said"), [("lmdeploy", "lmdeploy>=0.18,<0.19"), ("llm-compressor", "compressed-tensors==")])
def test_a_back_end_that_is_not_installed(monkeypatch: pytest.MonkeyPatch, backend: Any, said: str) -> None:
    monkeypatch.setattr("finetune.quantizing.job.find_spec", lambda _: None)
    with pytest.raises(ModelLoadError, match=f"没有 {backend}.*--no-deps.*{said}"):
        check_backend(Job(Path("m"), backend))


def test_what_lmdeploy_loads() -> None:
    assert all(Job(Path("m"), group_size=size).for_turbomind for size in (32, 128))
    assert not Job(Path("m"), group_size=64).for_turbomind and not Job(Path("m"), bits=8).for_turbomind
