"""Which adapters may be merged into which base, in which order: decided by their lineages, before gigabytes are loaded.

What this keeps from happening adds up without an error, and only the answers are bad: an adapter on another base, an
adapter counted twice (it was continued from one that is merged too), a second stage without its first.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from errors import UsageError
from finetune.lineage import Lineage, Made

__all__ = ["Chain", "Part", "checked_chain"]


@dataclass(frozen=True)
class Part:
    """A base or an adapter that was given: what it is, where it comes from, and how the command names it (its path)."""

    made: Made
    lineage: Lineage | None
    path: str


@dataclass(frozen=True)
class Chain:
    """What a merged model will consist of.

    Attributes:
        root: the base, never a merged model itself.
        contains: the adapters in it, in order, those already in the given base first.
        earlier: adapters that those were continued from.
        data: the files that all these were trained on.
    """

    root: Made
    contains: tuple[Made, ...] = ()
    earlier: tuple[Made, ...] = ()
    data: tuple[Made, ...] = ()

    def lineage(self, difference: float) -> Lineage:
        """The lineage of the merged model."""
        return Lineage("merged", self.root, self.contains, self.data, earlier=self.earlier, difference=difference)

    def told(self) -> str:
        """`base + A + B`, for messages."""
        return " + ".join(one.name for one in (self.root, *self.contains))


def checked_chain(base: Part, adapters: Sequence[Part]) -> Chain:
    """What comes of merging the adapters into the base, in this order.

    An adapter without a lineage is accepted: only whether it fits can be checked, not where it comes from.

    Raises:
        UsageError: it would be wrong; the message says what to give instead.
    """
    chain = _begun(base)
    for adapter in adapters:
        _check_counted_once(adapter, chain, base)
        if adapter.lineage:
            _check_base(adapter, adapter.lineage, chain, base)
        known = adapter.lineage is not None
        chain = Chain(
            chain.root,
            (*chain.contains, replace(adapter.made, known=known)),
            (*chain.earlier, *_continued_from(adapter)),
            tuple(dict.fromkeys((*chain.data, *(adapter.lineage.data if adapter.lineage else ())))),
        )
    return chain


def _begun(base: Part) -> Chain:
    lineage = base.lineage
    if lineage and lineage.kind == "quantized":
        raise UsageError(
            f"“{base.path}”是量化后的模型，适配器合并进去误差会留在权重里。请合并进量化之前的 16 位底座“{lineage.base.name}”，然后再量化。"
        )
    if lineage and lineage.kind == "merged":
        return Chain(lineage.base, lineage.contains, lineage.earlier, lineage.data)
    return Chain(base.made)


def _continued_from(adapter: Part) -> tuple[Made, ...]:
    return adapter.lineage.contains if adapter.lineage else ()


def _check_counted_once(adapter: Part, chain: Chain, base: Part) -> None:
    """Refuse an adapter of which the chain holds something already."""
    name, merged = adapter.made.name, {one.digest: one for one in chain.contains}
    inside = merged | {one.digest: one for one in chain.earlier}
    from_base = {one.digest for one in _begun(base).contains}
    if adapter.made.digest in merged:
        where = f"底座“{base.path}”里已经有它" if adapter.made.digest in from_base else "它给出了两次"
        raise UsageError(f"适配器“{name}”会算两遍：{where}。请去掉这个 --adapter。")
    if adapter.made.digest in inside:
        raise UsageError(f"适配器“{name}”会算两遍：前面有适配器是接着它训练的，已经包含它。请去掉 --adapter {adapter.path}。")
    shared = [one for one in _continued_from(adapter) if one.digest in inside]
    if not shared:
        return
    told = f"“{name}”是接着“{shared[-1].name}”训练的，已经包含它学到的内容，一起合并会算两遍。"
    if shared[-1].digest in from_base:
        raise UsageError(
            f"{told}底座“{base.path}”里已经有它，请改用没有合并它的底座“{chain.root.name}”，给出 {_in_order(adapter)}。"
        )
    if shared[-1].digest in merged:
        raise UsageError(f"{told}请去掉“{shared[-1].name}”，只给 --adapter {adapter.path}。")
    raise UsageError(f"{told}前面的适配器也是接着它训练的。两者只能选一个。")


def _check_base(adapter: Part, lineage: Lineage, chain: Chain, base: Part) -> None:
    """Refuse an adapter that was trained on something else than what it would be merged into."""
    if lineage.kind != "adapter":
        raise UsageError(f"“{adapter.path}”的 lineage.json 说它不是适配器（{lineage.kind}）。请给出训练得到的适配器目录。")
    if lineage.base.digest == base.made.digest or _stands_on(lineage.under, chain):
        return
    told = f"适配器“{adapter.made.name}”不能合并进“{base.path}”："
    if lineage.under and lineage.under[0].digest == chain.root.digest:
        raise UsageError(
            f"{told}它是在“{' + '.join(one.name for one in lineage.under)}”合并成的模型上训练的，缺了前面的就不对。"
            f"请把它合并进那个模型（{_told(lineage.base)}），或按顺序给出 {_in_order(adapter)}。"
        )
    if lineage.base.digest == chain.root.digest:
        raise UsageError(
            f"{told}它是在合并之前的底座（{_told(lineage.base)}）上训练的，而这个底座里已经有{_listed(chain.contains)}。"
            "若确实要把它们相加，请给出合并之前的底座，并逐个给出 --adapter。"
        )
    raise UsageError(f"{told}它的底座是{_told(lineage.base)}，而给出的是{_told(base.made)}。请给出它的底座，或更换 --adapter。")


def _stands_on(under: Sequence[Made], chain: Chain) -> bool:
    """Whether the model that an adapter was trained on is what the chain holds by now, whatever stands between."""
    if not under or under[0].digest != chain.root.digest:
        return False
    inside = iter((one.digest, one.weight) for one in chain.contains)
    return all((one.digest, one.weight) in inside for one in under[1:])


def _told(made: Made) -> str:
    return f"“{made.name}”，摘要 {made.digest}"


def _in_order(adapter: Part) -> str:
    """What to give with the bare base: the adapters that it stands on, then itself."""
    under = adapter.lineage.under[1:] if adapter.lineage else ()
    return " ".join([*(f"--adapter {_weighted(one)}" for one in under), f"--adapter {adapter.path}"])


def _weighted(made: Made) -> str:
    return made.name if made.weight == 1 else f"{made.name}（权重 {made.weight:g}）"


def _listed(parts: Sequence[Made]) -> str:
    return "、".join(f"“{one.name}”" for one in parts)
