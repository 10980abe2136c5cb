"""The full weight of a quantized layer: what its kernel computes with, for machines that have no such kernel.

A weight is (q − zero) × scale; q and zero are whole numbers of 4 bits, the scale belongs to a group of inputs. Two layouts:

AWQ (`gemm`): `qweight` [inputs, outputs / 8], `qzeros` [groups, outputs / 8], `scales` [groups, outputs]. Eight outputs share
    an int32; bits 4i to 4i + 3 hold output 0, 2, 4, 6, 1, 3, 5, 7 of the eight (lmdeploy/lite/quantization/modules/linear.py).
pack-quantized (compressed-tensors): `weight_packed` [outputs, inputs / 8] in the order of inputs, `weight_scale`
    [outputs, groups], `weight_zero_point` [outputs / 8, groups] or none; then zero is the middle, 8.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor

__all__ = ["awq_weight", "compressed_weight"]

_WORD = 32
"""Bits of the integers that hold several weights."""
_AWQ_PLACE = [0, 4, 1, 5, 2, 6, 3, 7]
"""Which four bits hold output 0, 1, … of eight: the inverse of the packing order."""


def awq_weight(qweight: Tensor, qzeros: Tensor, scales: Tensor) -> Tensor:
    """The weight [outputs, inputs] of an AWQ layer, in the scales' precision, as the kernel rounds it."""
    group = qweight.shape[0] // scales.shape[0]
    whole, zeros = (_unpacked(packed, 4)[..., _AWQ_PLACE].flatten(-2) for packed in (qweight, qzeros))
    full = (whole - zeros.repeat_interleave(group, 0)) * scales.float().repeat_interleave(group, 0)
    weight: Tensor = full.to(scales.dtype).T.contiguous()
    return weight


def compressed_weight(packed: Tensor, scale: Tensor, zero_point: Tensor | None, inputs: int, bits: int = 4) -> Tensor:
    """The weight [outputs, inputs] of a pack-quantized layer, in the scale's precision."""
    outputs, groups = scale.shape
    whole = _unpacked(packed, bits).flatten(-2)[:, :inputs]
    if zero_point is None:
        steps = whole - 2 ** (bits - 1)
    else:
        zeros = _unpacked(zero_point.T, bits).flatten(-2)[:, :outputs].T
        steps = whole - zeros.repeat_interleave(inputs // groups, 1)
    full = steps * scale.float().repeat_interleave(inputs // groups, 1)
    weight: Tensor = full.to(scale.dtype).contiguous()
    return weight


def _unpacked(packed: Tensor, bits: int) -> Tensor:
    """The unsigned numbers in each int32, lowest bits first, along a new last dimension."""
    import torch

    shifts = torch.arange(0, _WORD, bits, device=packed.device)
    numbers: Tensor = (packed.unsqueeze(-1).long() >> shifts) & (2**bits - 1)
    return numbers
