"""`finetune.infer` on tiny models: one prompt, a file of them, the same file again; base, adapter and merged side by side."""

import json
import weakref
from pathlib import Path
from typing import Any

import pytest

from finetune.infer import main


def test_one_prompt(folders: Any, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["死锁？", "--model", f"local:{folders('qwen3')}"]) == 0
    assert capsys.readouterr().out.strip()


def test_a_file_is_answered_once_and_only_what_is_new_again(
    folders: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    prompts, answers = tmp_path / "in.jsonl", tmp_path / "out" / "answers.jsonl"
    arguments = ["--input", str(prompts), "--output", str(answers), "--model", f"local:{folders('qwen3')}"]
    prompts.write_text('{"prompt": "死锁？"}\n{"instruction": "解释", "input": "互斥"}\n', encoding="utf-8")
    assert main(arguments) == 0
    rows = [json.loads(line) for line in answers.read_text(encoding="utf-8").splitlines()]
    assert len(rows) == 2 and all(row["response"] and row["tokens"]["output_tokens"] > 0 for row in rows)
    with prompts.open("a", encoding="utf-8") as more:
        more.write('{"prompt": "页面置换？"}\n')
    assert main(arguments) == 0
    assert "2 个已有结果，还要问 1 个" in capsys.readouterr().err
    assert len(answers.read_text(encoding="utf-8").splitlines()) == 3 and answers.read_text(encoding="utf-8").startswith(
        json.dumps(rows[0], ensure_ascii=False)
    )


@pytest.fixture(scope="module")
def tuned(folders: Any, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """An adapter with weights that change every answer, and the model that it is merged into."""
    import torch
    from peft import LoraConfig, get_peft_model
    from transformers import AutoModelForCausalLM, AutoTokenizer

    root, base = tmp_path_factory.mktemp("tuned"), folders("qwen3")
    torch.manual_seed(1)
    lora = LoraConfig(r=4, target_modules="all-linear", task_type="CAUSAL_LM")
    adapted = get_peft_model(AutoModelForCausalLM.from_pretrained(base), lora)
    with torch.no_grad():
        for name, weight in adapted.named_parameters():
            if "lora_B" in name:
                weight.normal_(std=30)
    adapted.save_pretrained(root / "adapter")
    adapted.merge_and_unload(safe_merge=True).save_pretrained(root / "merged")
    AutoTokenizer.from_pretrained(base).save_pretrained(root / "merged")
    return root / "adapter", root / "merged"


def test_base_adapter_and_merged_side_by_side(
    folders: Any, tuned: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    adapter, merged = tuned
    alive = _watched_models(monkeypatch)
    prompts, answers, table = tmp_path / "in.json", tmp_path / "answers.jsonl", tmp_path / "t.md"
    row = {"conversation": [{"input": "死锁？", "output": "死锁的必要条件是互斥、请求并保持与不剥夺和循环等待鑫。"}]}
    prompts.write_text(json.dumps([row]), encoding="utf-8")
    models = {"前": f"local:{folders('qwen3')}", "后": f"local:{folders('qwen3')}+{adapter}", "合并": f"local:{merged}"}
    chosen = [word for name, model in models.items() for word in ("--compare", f"{name}={model}")]
    command = ["--input", str(prompts), "--output", str(answers), "--table", str(table), "--max-tokens", "20", *chosen]
    assert main(command) == 0
    before, after, both = (json.loads(line) for line in answers.read_text(encoding="utf-8").split("\n")[:-1])
    assert before["exact"] is True and after["exact"] is False and after["response"] == both["response"]
    assert after["tokens"]["output_tokens"] <= 20
    assert alive() == [0, 0, 0]  # each had the memory for itself
    shown = capsys.readouterr().out
    assert "前：与参考答案一致 1/1（100.0%）" in shown and "合并与前相比：回答不同 1 题，相同 0 题；变对 0 题，变错 1 题" in shown
    assert table.read_text(encoding="utf-8").count("\n| ") == 3
    assert main(command) == 0 and len(answers.read_text(encoding="utf-8").split("\n")) == 4


def _watched_models(monkeypatch: pytest.MonkeyPatch) -> Any:
    """How many of the models loaded before were alive when each was loaded."""
    import rag.chat_models

    load, loaded, counts = rag.chat_models.load_chat_model, list[Any](), list[int]()

    def watch(settings: Any) -> Any:
        counts.append(sum(one() is not None for one in loaded))
        model = load(settings)
        loaded.append(weakref.ref(model.model))
        return model

    monkeypatch.setattr(rag.chat_models, "load_chat_model", watch)
    return lambda: counts
