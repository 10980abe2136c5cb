"""Fine-tuning embedding models for real: a toy language that has to be learned, a store, an ended run that goes on."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from errors import ContentError, UsageError
from finetune.embedding import main
from finetune.embedding_training.base_model import load_base
from finetune.embedding_training.corpus import corpus_of
from finetune.embedding_training.held_out import held_passages, parted
from finetune.embedding_training.pairs import Pair, read_pairs
from finetune.embedding_training.plan import Example, Plan, Task
from finetune.embedding_training.run import Choices, Run
from finetune.embedding_training.tuning import tune as tune_model
from finetune.embedding_training.work_folder import work_folder
from settings import SHIPPED_EMBEDDING
from tests.integration.finetune.toy_embedding import build_bert, build_static, toy_pairs, write_pairs
from vector_db.embedding_prompts import Prompts, prompts_of
from vector_db.embeddings import SentenceTransformerEmbeddings
from vector_db.store import CourseStore

FAST = {"batch_size": 16, "learning_rate": 0.2, "epochs": 6, "patience": 6, "device": "cpu"}


@pytest.fixture(scope="module")
def static(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_static(tmp_path_factory.mktemp("static") / "base")


@pytest.fixture(scope="module")
def pairs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_pairs(tmp_path_factory.mktemp("pairs") / "pairs.jsonl", toy_pairs(12, 8))


def tune(base: Path, pairs: Path, out: Path, *more: str) -> int:
    chosen = [word for name, value in FAST.items() for word in (f"--{name.replace('_', '-')}", str(value))]
    return main(["tune", str(base), "--pairs", str(pairs), "--no-store", "--out", str(out), *chosen, *more])


def examples_of(out: Path) -> Any:
    lines = (work_folder(out) / "examples.jsonl").read_text(encoding="utf-8").split("\n")[1:-1]
    return [json.loads(line) for line in lines]


def weights(folder: Path) -> Any:
    from safetensors.numpy import load_file

    return next(iter(load_file(folder / "model.safetensors").values()))


def test_what_is_learned_on_some_documents_finds_the_passages_of_others(
    static: Path, pairs: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "models" / "tuned"
    assert tune(static, pairs, out) == 0
    printed = capsys.readouterr()
    report = json.loads(printed.out.rstrip().split("\n")[-1])
    assert report["held_out_by"] == "documents" and report["held_out"] >= 16
    assert report["before"]["recall@10"][0] < 0.3 and report["after"]["recall@10"][0] > 0.6 and report["gain_mrr"][1] > 0
    assert "比底座好" in printed.out and f"TUTOR_EMBEDDING_MODEL={out}" in printed.out and "选优问题的 MRR" in printed.err
    assert {file.name for file in out.iterdir()} >= {"README.md", "metrics.json", "lineage.json", "modules.json"}
    assert [path.name for path in out.parent.iterdir()] == ["tuned"]  # neither drafts nor checkpoints are left
    assert str(tmp_path) not in (out / "README.md").read_text(encoding="utf-8")

    before, after = SentenceTransformerEmbeddings(str(static)), SentenceTransformerEmbeddings(str(out))  # as the tutor loads it
    found, _ = read_pairs(pairs)
    assert before.identity.rpartition("-")[2] != after.identity.rpartition("-")[2]
    passages = after.embed_array([pair.passage for pair in found])
    ranks = [
        int((passages @ np.asarray(after.embed_query(p.question)) > passages[i] @ after.embed_query(p.question)).sum())
        for i, p in enumerate(found)
    ]
    assert np.mean([rank < 10 for rank in ranks]) > 0.8

    assert tune(static, pairs, out) == 2 and "已经存在" in capsys.readouterr().err


def test_an_ended_run_goes_on_to_the_same_result(static: Path, pairs: Path, tmp_path: Path) -> None:
    found, _ = read_pairs(pairs)
    whole, ended = (Choices(str(static), tmp_path / name, **FAST) for name in ("whole", "ended"))  # type: ignore[arg-type]
    Run(whole, (), lambda _: None).go(found, [], resume=False)

    def leave(line: str) -> None:
        if line.startswith("第 4.0 轮") and "MRR" in line:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        Run(ended, (), leave).go(found, [], resume=False)
    assert not ended.out.exists() and (work_folder(ended.out) / "examples.jsonl").is_file()
    placed, corpus = corpus_of(found, [])
    held = held_passages(parted(placed, corpus, whole.held_out, whole.seed), placed, corpus)
    negatives = {text for line in examples_of(ended.out) for text in line[2]}
    assert held and not negatives & {corpus.passages[i].text for i in held}  # nothing that is held out was trained on
    with pytest.raises(UsageError, match="已经存在"):
        Run(whole, (), lambda _: None).go(found, [], resume=False)  # as by another process, after the command looked

    (work_folder(ended.out) / "checkpoint-99").mkdir()  # what a kill leaves of a checkpoint

    with pytest.raises(ContentError, match="变了 .*问答.*删去"):
        Run(ended, (), lambda _: None).go([*found, Pair("另", "外的一段原文，别处没有的")], [], resume=True)
    lines = list[str]()
    Run(ended, (), lines.append).go(found, [], resume=True)
    assert any("接着训练" in line for line in lines) and not any("挖掘" in line for line in lines)
    assert np.allclose(weights(ended.out), weights(whole.out), atol=1e-6)


def test_the_best_state_stays_and_training_stops_when_nothing_gets_better(static: Path, tmp_path: Path) -> None:
    model = load_base(str(static), "cpu")
    states, scores = list[Any](), iter([0.3, 0.9, 0.5, 0.4, 0.8, 0.99])

    def score(one: Any) -> float:
        states.append(one[0].embedding.weight.detach().clone().numpy())
        return next(scores)

    rows = [Example(str(row["question"]), str(row["passage"]), ()) for row in toy_pairs(4, 8)]
    task = Task(Plan(6, 16, 0.2, 0, 2, 408), Prompts("", ""), tmp_path, "cpu", score, lambda _: None)
    training = tune_model(model, rows, task)
    assert training["history"] == [0.3, 0.9, 0.5, 0.4] and training["best"] == 0.9
    kept = model[0].embedding.weight.detach().numpy()
    assert np.array_equal(kept, states[1]) and not np.array_equal(kept, states[3])


def test_attention_with_prompts_trained_in_parts(pairs: Path, tmp_path: Path) -> None:
    base, out = build_bert(tmp_path / "bge", prompts={"query": "kba ", "document": ""}), tmp_path / "out"
    assert tune(base, pairs, out, "--batch-size", "40", "--epochs", "2", "--learning-rate", "0.002") == 0
    report = json.loads((out / "metrics.json").read_text(encoding="utf-8"))
    assert report["plan"]["part"] == 32 and len(report["training"]["history"]) == 2
    model = load_base(str(out), "cpu")
    assert prompts_of(model.prompts, str(out)).query == "kba "
    assert "kba " in (out / "README.md").read_text(encoding="utf-8")
    assert not np.allclose(model.encode("zba"), load_base(str(base), "cpu").encode("zba"))


def test_questions_of_a_store_and_negatives_from_it(
    store: CourseStore,
    settings: Any,
    static: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    from langchain_core.documents import Document

    store.refresh()
    for document in range(8):
        chunks = [
            Document(
                id=f"{document}-{row['page']}", page_content=str(row["passage"]),
                metadata={
                    "source": f"{document}.pdf", "document": "x", "page": row["page"], "section": "", "subject": "os", "position": 0,
                    "previous": "", "next": "", "boxes": "[]", "header": "", "asked": row["question"],
                },
            )
            for row in toy_pairs(1, 6, seed=document)
        ]  # fmt: skip
        store.replace(f"{document}.pdf", "os", chunks)
    monkeypatch.setenv("TUTOR_DATA_DIR", str(settings.data_dir))
    command = [
        "tune",
        str(SHIPPED_EMBEDDING),
        "--store",
        "--out",
        str(tmp_path / "out"),
        "--epochs",
        "2",
        "--batch-size",
        "16",
        "--learning-rate",
        "0.2",
    ]
    assert main(command) == 0
    printed = capsys.readouterr().out
    assert "底座是自带的模型" in printed and "底座是自带的模型" in (tmp_path / "out" / "README.md").read_text(encoding="utf-8")
    report = json.loads(printed.rstrip().split("\n")[-1])
    monkeypatch.setenv("TUTOR_EMBEDDING_MODEL", str(static))  # the store knows nothing under this one
    assert main([*command, "--out", str(tmp_path / "other")]) == 1 and "--reindex" in capsys.readouterr().err
    assert (report["pairs"], report["passages"]) == (48, 48) and report["mined"] + report["filled"] == 3 * report["train"]


def test_a_folder_that_cannot_be_written_is_told(
    static: Path, pairs: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").touch()
    assert tune(static, pairs, tmp_path / "file" / "out") == 2
    assert "写不了" in capsys.readouterr().err


def test_a_name_that_would_bring_another_prompt_is_told(
    static: Path, pairs: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert tune(static, pairs, tmp_path / "bge-mine-zh") == 2
    assert "提示语" in capsys.readouterr().err and not list(tmp_path.iterdir())


@pytest.mark.parametrize("told", ["CUDA out of memory. Tried to allocate 2 GiB", "DefaultCPUAllocator: can't allocate memory"])
def test_memory_that_runs_out_is_told(
    static: Path, pairs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], told: str
) -> None:
    def full(*args: Any, **kwargs: Any) -> None:
        raise RuntimeError(told)

    monkeypatch.setattr("sentence_transformers.SentenceTransformerTrainer.train", full)
    assert tune(static, pairs, tmp_path / "out") == 2
    assert "--batch-size" in capsys.readouterr().err
    monkeypatch.undo()
    assert tune(static, pairs, tmp_path / "out", "--epochs", "1") == 0  # nothing stands in the way of another try
