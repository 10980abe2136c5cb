"""Packed weights come out as the numbers that were packed."""

from __future__ import annotations

import random

import pytest
import torch

from finetune.quantizing.dequantize import awq_weight, compressed_weight

AWQ_ORDER = (0, 2, 4, 6, 1, 3, 5, 7)
"""Of the eight outputs in an int32, from its lowest bits up: as lmdeploy and AutoAWQ write them."""


def _signed(value: int) -> int:
    return value - 2**32 if value >= 2**31 else value


def _packed(rows: list[list[int]], order: tuple[int, ...], bits: int = 4) -> torch.Tensor:
    """Rows of small numbers, one integer of 32 bits for as many as fit, by the plain definition."""
    size = 32 // bits
    words = [
        [_signed(sum(row[start + place] << (bits * i) for i, place in enumerate(order))) for start in range(0, len(row), size)]
        for row in rows
    ]
    return torch.tensor(words, dtype=torch.int32)


def _numbers(rows: int, columns: int, seed: int, below: int = 16) -> list[list[int]]:
    draw = random.Random(seed)
    return [[draw.randrange(below) for _ in range(columns)] for _ in range(rows)]


def test_awq_layout() -> None:
    inputs, outputs, group = 8, 16, 4
    whole, zeros = _numbers(inputs, outputs, 1), _numbers(inputs // group, outputs, 2)
    scales = torch.rand(inputs // group, outputs, dtype=torch.float16)
    weight = awq_weight(_packed(whole, AWQ_ORDER), _packed(zeros, AWQ_ORDER), scales)
    assert weight.shape == (outputs, inputs) and weight.dtype == torch.float16
    for o in range(outputs):
        for i in range(inputs):
            expected = torch.tensor(whole[i][o] - zeros[i // group][o]).half() * scales[i // group, o]
            assert weight[o, i] == expected, (o, i)


@pytest.mark.parametrize("bits", [4, 8])
@pytest.mark.parametrize("symmetric", [True, False])
def test_compressed_layout(bits: int, symmetric: bool) -> None:
    inputs, outputs, group = 16, 8, 8
    order = tuple(range(32 // bits))
    whole, zeros = _numbers(outputs, inputs, 1, 2**bits), _numbers(inputs // group, outputs, 2, 2**bits)
    scale = torch.rand(outputs, inputs // group, dtype=torch.bfloat16)
    zero_point = None if symmetric else _packed(zeros, order, bits).T.contiguous()
    weight = compressed_weight(_packed(whole, order, bits), scale, zero_point, inputs, bits)
    for o in range(outputs):
        for i in range(inputs):
            zero = 2 ** (bits - 1) if symmetric else zeros[i // group][o]
            expected = ((whole[o][i] - zero) * scale[o, i // group].float()).bfloat16()
            assert weight[o, i] == expected, (o, i)


def test_compressed_padding_is_cut_off() -> None:
    rows = [[1, 2, 3, 4, 5, 6, 0, 0]]
    weight = compressed_weight(_packed(rows, tuple(range(8))), torch.ones(1, 1), None, 6)
    assert weight.tolist() == [[-7, -6, -5, -4, -3, -2]]
