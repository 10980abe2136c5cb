"""Which adapters may be merged into which base, in which order."""

from __future__ import annotations

from dataclasses import replace

import pytest

from errors import UsageError
from finetune.lineage import Lineage, Made
from finetune.merging.chain import Chain, Part, checked_chain


def made(name: str, weight: float = 1.0) -> Made:
    return Made(name, f"digest-{name}", weight)


BASE, OTHER = made("base"), made("other")
BARE = Part(BASE, None, "models/base")


def adapter(name: str, base: Made = BASE, *continued: Made, under: tuple[Made, ...] = (), weight: float = 1.0) -> Part:
    return Part(made(name, weight), Lineage("adapter", base, continued, under=under), f"runs/{name}")


def merged(name: str, *contains: Made, earlier: tuple[Made, ...] = ()) -> Part:
    return Part(made(name), Lineage("merged", BASE, contains, earlier=earlier), f"models/{name}")


A, B = adapter("a"), adapter("b")
AFTER_A = adapter("after-a", made("base+a"), under=(BASE, A.made))
"""Trained on the model that base and `a` were merged to."""
MORE_A = adapter("more-a", BASE, A.made)
"""Continued from `a`."""


def test_adapters_of_the_base_come_in_their_order() -> None:
    assert checked_chain(BARE, [B, A]) == Chain(BASE, (B.made, A.made))


def test_an_adapter_of_another_base_is_refused_with_the_base_that_it_wants() -> None:
    with pytest.raises(UsageError, match=r"“a”.*它的底座是“other”，摘要 digest-other，而给出的是“base”"):
        checked_chain(BARE, [adapter("a", OTHER)])


def test_an_adapter_trained_on_a_merged_model_is_merged_into_it() -> None:
    base = merged("base+a", A.made)
    chain = checked_chain(base, [AFTER_A])
    assert chain == Chain(BASE, (A.made, AFTER_A.made))
    assert chain.lineage(0.5) == Lineage("merged", BASE, (A.made, AFTER_A.made), difference=0.5)


def test_it_is_merged_into_the_first_base_too_after_the_adapter_in_that_model() -> None:
    assert checked_chain(BARE, [A, AFTER_A]).contains == (A.made, AFTER_A.made)
    assert checked_chain(BARE, [A, B, AFTER_A]).contains == (A.made, B.made, AFTER_A.made)
    assert checked_chain(merged("base+a again", A.made), [AFTER_A]).contains == (A.made, AFTER_A.made)


@pytest.mark.parametrize("given", [[AFTER_A], [AFTER_A, A], [replace(A, made=made("a", 0.5)), AFTER_A], [B, AFTER_A]])
def test_but_not_alone_nor_before_it_nor_with_another_weight(given: list[Part]) -> None:
    with pytest.raises(UsageError, match=r"在“base \+ a”合并成的模型上训练.*--adapter a --adapter runs/after-a"):
        checked_chain(BARE, given)


def test_two_adapters_below_have_to_come_in_order() -> None:
    third = adapter("third", made("base+a+b"), under=(BASE, A.made, B.made))
    assert len(checked_chain(BARE, [A, B, third]).contains) == 3
    with pytest.raises(UsageError, match="按顺序给出 --adapter a --adapter b --adapter runs/third"):
        checked_chain(BARE, [B, A, third])


def test_an_adapter_of_the_bare_base_is_not_merged_into_a_merged_one() -> None:
    with pytest.raises(UsageError, match="在合并之前的底座（“base”.*已经有“a”"):
        checked_chain(merged("base+a", A.made), [B])


def test_the_same_adapter_counts_once() -> None:
    with pytest.raises(UsageError, match="给出了两次"):
        checked_chain(BARE, [A, B, A])
    with pytest.raises(UsageError, match="底座“models/base.a”里已经有它"):
        checked_chain(merged("base+a", A.made), [A])


def test_an_adapter_and_the_one_it_was_continued_from_are_not_merged_both() -> None:
    assert checked_chain(BARE, [MORE_A]) == Chain(BASE, (MORE_A.made,), (A.made,))
    with pytest.raises(UsageError, match="“more-a”是接着“a”训练的.*只给 --adapter runs/more-a"):
        checked_chain(BARE, [A, MORE_A])
    with pytest.raises(UsageError, match="“a”会算两遍：前面有适配器是接着它训练的.*去掉 --adapter runs/a"):
        checked_chain(BARE, [MORE_A, A])
    with pytest.raises(UsageError, match="底座“models/base.a”里已经有它，请改用没有合并它的底座“base”"):
        checked_chain(merged("base+a", A.made), [MORE_A])


def test_two_adapters_continued_from_the_same_one_are_not_merged_both() -> None:
    with pytest.raises(UsageError, match="前面的适配器也是接着它训练的。两者只能选一个"):
        checked_chain(BARE, [MORE_A, adapter("other-a", BASE, A.made)])


def test_a_merged_model_remembers_what_its_adapters_were_continued_from() -> None:
    chain = checked_chain(BARE, [MORE_A])
    model = Part(made("model"), chain.lineage(0), "models/model")
    with pytest.raises(UsageError, match="“a”会算两遍"):
        checked_chain(model, [A])


def test_an_adapter_made_elsewhere_is_merged_and_marked() -> None:
    unknown = Part(made("found"), None, "found")
    assert checked_chain(BARE, [A, unknown]).contains == (A.made, Made("found", "digest-found", known=False))


def test_a_fully_trained_base_is_a_base_of_its_own() -> None:
    trained = Part(made("trained"), Lineage("full", BASE), "models/trained")
    assert checked_chain(trained, [adapter("a", trained.made)]).root == trained.made
    with pytest.raises(UsageError, match="它的底座是“base”"):
        checked_chain(trained, [A])


def test_a_quantized_base_is_refused() -> None:
    with pytest.raises(UsageError, match="量化之前的 16 位底座“base”"):
        checked_chain(Part(made("awq"), Lineage("quantized", BASE), "models/awq"), [A])


def test_weights_that_are_no_adapter_by_their_lineage_are_refused() -> None:
    with pytest.raises(UsageError, match="不是适配器（full）"):
        checked_chain(BARE, [Part(made("a"), Lineage("full", BASE), "runs/a")])


def test_what_to_give_instead_names_the_adapters_below_too() -> None:
    more = adapter("more", AFTER_A.lineage.base if AFTER_A.lineage else BASE, AFTER_A.made, under=(BASE, A.made))
    with pytest.raises(UsageError, match="底座“base”，给出 --adapter a --adapter runs/more。"):
        checked_chain(merged("base+a+after", A.made, AFTER_A.made), [more])
    assert checked_chain(BARE, [A, more]).contains == (A.made, more.made)


def test_a_merged_model_knows_all_data_that_its_adapters_were_trained_on() -> None:
    first, second = made("first.jsonl"), made("second.jsonl")
    one, other = (
        Part(made(name), Lineage("adapter", BASE, data=data), name) for name, data in (("m", (first,)), ("n", (first, second)))
    )
    chain = checked_chain(BARE, [one, other])
    assert chain.lineage(0).data == (first, second)
    assert checked_chain(Part(made("model"), chain.lineage(0), "model"), [adapter("o", made("model"))]).data == (first, second)
