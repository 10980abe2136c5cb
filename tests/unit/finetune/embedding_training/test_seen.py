from finetune.embedding_training.pairs import Pair
from finetune.embedding_training.seen import seen_by_shipped
from settings import ROOT


def test_text_that_comes_with_the_project_is_known_whatever_marks_it_has() -> None:
    note = max((ROOT / "knowledge" / "notes").rglob("*.md"), key=lambda path: path.stat().st_size).read_text(encoding="utf-8")
    passage = note[1000:1300]
    own = [Pair("问", passage), Pair("问", passage.replace("*", "").replace("\n", " ")), Pair("问", "别处的一段原文", chunk="1")]
    others = [Pair("问", "短"), Pair("问", "这一段话不在任何一份自带的资料里，所以自带的模型没有用它训练过，它也就不算见过。")]
    assert seen_by_shipped([*own, *others]) == 3
