import pytest

from vector_db.embedding_prompts import Prompts, prompts_of


@pytest.mark.parametrize(
    ("name", "known"),
    [
        ("BAAI/bge-small-zh-v1.5", True),
        ("/cache/models--BAAI--bge-large-zh/snapshots/7999e1d3", True),
        ("models/my-BGE-ZH", True),
        ("/data/bge/papers-zh/static", False),
        ("BAAI/bge-m3", False),
    ],
)
def test_a_name_is_known_by_one_part_of_the_path(name: str, known: bool) -> None:
    assert prompts_of({"query": "", "document": ""}, name).query.startswith("为这个句子") is known


def test_what_a_folder_states_counts_first() -> None:
    assert prompts_of({"query": "查：", "passage": "文："}, "bge-base-zh") == Prompts("查：", "文：")
    assert prompts_of({"query": None, "document": "", "corpus": "库："}, "x") == Prompts("", "库：")
