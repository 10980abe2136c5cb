from rag.fence import FencedPassage
from rag.statements import statements
from tests.unit.rag.test_quoting import LOCK


def test_statements_of_a_passage_in_its_order_without_examples_code_and_pieces_of_lists() -> None:
    text = LOCK.text + "\n例如打印机就是这样。\nin = (in + 1) % N;"
    found = [(one.kind, one.text[:6]) for one in statements(FencedPassage(1, "", text)) if one.worth > 0]
    assert found == [("list", "死锁的四个必"), ("sentence", "银行家算法用")]
    listed = next(one for one in statements(FencedPassage(1, "", text)) if one.kind == "list")
    assert listed.text.startswith("死锁的四个必要条件如下") and listed.text in text
