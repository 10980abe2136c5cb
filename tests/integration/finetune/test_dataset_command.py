"""python -m finetune.dataset without a model: notes, bank, computed questions; convert, split and check."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from tokenizers import Tokenizer
from tokenizers.models import WordLevel

from finetune.dataset import main
from settings import ROOT


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("TUTOR_DATA_DIR", str(tmp_path / "data"))


def rows(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def make(origin: str, out: Path, *more: str) -> int:
    return main(["make", f"--from={origin}", f"--out={out}", *more])


def failed(*arguments: str) -> int:
    """Exit status of a command that is used wrongly."""
    try:
        return main(arguments)
    except SystemExit as left:
        return int(str(left.code))


@pytest.fixture(scope="module")
def notes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The whole data set of the notes."""
    out = tmp_path_factory.mktemp("made") / "notes"
    assert make("notes", out) == 0
    return out


@pytest.fixture(scope="module")
def some(notes: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file of some of its rows."""
    file = tmp_path_factory.mktemp("some") / "some.jsonl"
    file.write_text("".join((notes / "val.jsonl").read_text(encoding="utf-8").splitlines(keepends=True)[::6]), encoding="utf-8")
    return file


def test_the_notes_make_a_data_set_split_by_chapter(notes: Path) -> None:
    card = json.loads((notes / "dataset.json").read_bytes())
    train, val = rows(notes / "train.jsonl"), rows(notes / "val.jsonl")
    assert card["counts"]["kept"] == len(train) + len(val) > 5000 and card["contamination"]["held"] == []
    assert 0.6 < len(train) / card["counts"]["kept"] < 0.72
    documents = [{row["source"]["document"] for row in side} for side in (train, val)]
    assert not documents[0] & documents[1] and len(documents[0] | documents[1]) == 28
    assert {source["name"] for source in card["sources"]} > documents[0] | documents[1]
    assert {row["source"]["subject"] for row in train} == {"ds", "co", "os", "cn"}


def test_the_same_command_writes_the_same_and_another_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out, more = tmp_path / "out", ("--limit=40", "--max-answer-chars=60", "--subject=os", "--system=你是老师。")
    assert make("notes", out, *more) == 0
    before = {path.name: path.read_bytes() for path in out.iterdir()}
    assert make("notes", out, *more) == 0
    assert {path.name: path.read_bytes() for path in out.iterdir()} == before
    found = [*rows(out / "train.jsonl"), *rows(out / "val.jsonl")]
    assert len(found) == 40 and {row["source"]["subject"] for row in found} == {"os"}
    assert all(len(row["messages"][2]["content"]) <= 60 and row["messages"][0]["content"] == "你是老师。" for row in found)
    capsys.readouterr()
    assert make("notes", out, *more[1:], "--limit=41") == 2
    assert "--limit（原来是 40，现在是 41）" in capsys.readouterr().err
    assert {path.name: path.read_bytes() for path in out.iterdir()} == before


def test_the_bank_is_said_to_be_the_exam(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert make("bank", tmp_path / "bank") == 0
    told = capsys.readouterr().out
    assert "题库里的题就是考题" in told and "python -m eval.exam" in told and "--train-data" in told
    card = json.loads((tmp_path / "bank" / "dataset.json").read_bytes())
    assert len(card["contamination"]["held"]) == card["contamination"]["questions"] == 530
    capsys.readouterr()
    assert make("bank", tmp_path / "other", "--drop-contaminated") == 0  # the problems stay, of which the exam has no letter
    assert json.loads((tmp_path / "other" / "dataset.json").read_bytes())["counts"]["dropped_as_contaminated"] >= 530


def test_computed_questions_are_none_of_the_bank(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert make("generated", tmp_path / "out", "--pairs=200", "--seed=3", "--json") == 0
    card = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert card["counts"]["given"] == 200 and card["contamination"]["held"] == []
    assert card == json.loads((tmp_path / "out" / "dataset.json").read_bytes())
    assert all("答案：" in row["messages"][-1]["content"] for row in rows(tmp_path / "out" / "train.jsonl"))


def test_tokens_are_counted_by_the_tokenizer_that_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = ("--limit=30", "--val-size=0", "--max-length=20", "--subject=os")
    make("notes", tmp_path / "a", *out)
    assert "按字估算" in capsys.readouterr().out
    (tmp_path / "model").mkdir()
    words = Tokenizer(WordLevel({"[UNK]": 0}, unk_token="[UNK]"))
    words.save(str(tmp_path / "model" / "tokenizer.json"))  # all of a text is one token to it
    assert make("notes", tmp_path / "b", *out, f"--tokenizer={tmp_path / 'model'}") == 0
    assert "用 model 的词表" in capsys.readouterr().out
    told = [json.loads((tmp_path / name / "dataset.json").read_bytes())["statistics"]["tokens"] for name in "ab"]
    assert told[1] == 60 < told[0]
    assert make("notes", tmp_path / "c", f"--tokenizer={tmp_path}") == 2
    assert "tokenizer.json" in capsys.readouterr().err


@pytest.mark.parametrize("form", ["conversations", "alpaca", "xtuner", "cutegpt"])
def test_converted_there_and_back(form: str, some: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    there, back = tmp_path / "there.jsonl", tmp_path / "back.jsonl"
    assert main(["convert", str(some), str(there), "--to", form]) == 0
    assert main(["convert", str(there), str(back), "--to", "messages", "--from", form]) == 0
    was, now = rows(some), rows(back)
    assert [row["messages"] for row in now] == [row["messages"] for row in was]
    error = capsys.readouterr().err
    assert ("放不下" in error) == (form == "cutegpt")
    assert form == "cutegpt" or [row["source"] for row in now] == [row["source"] for row in was]


def test_bad_rows_stop_a_conversion_or_are_left_out_by_wish(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    good = {"messages": [{"role": "user", "content": "问"}, {"role": "assistant", "content": "答"}]}
    bad = {"messages": [{"role": "assistant", "content": "答"}]}
    (tmp_path / "in.jsonl").write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in (good, bad)), encoding="utf-8")
    command = ["convert", str(tmp_path / "in.jsonl"), str(tmp_path / "out.json"), "--to", "alpaca"]
    assert main(command) == 1
    assert "第 2 行" in capsys.readouterr().err and not (tmp_path / "out.json").exists()
    assert main([*command, "--skip-bad"]) == 1
    told = capsys.readouterr()
    assert "1 条已写入" in told.out and "1 条没有转" in told.out and "第 2 行" in told.err
    assert json.loads((tmp_path / "out.json").read_bytes())[0]["output"] == "答"


def test_a_file_is_not_converted_onto_itself(some: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = some.read_bytes()
    assert main(["convert", str(some), str(some.parent / "." / some.name), "--to=alpaca"]) == 2
    assert "会覆盖" in capsys.readouterr().err and some.read_bytes() == before


def test_split_a_file(some: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    command = ["split", str(some), f"--out={tmp_path / 'out'}", "--val-size=100", "--seed=4"]
    assert main(command) == 0
    sides = [rows(tmp_path / "out" / name) for name in ("train.jsonl", "val.jsonl")]
    assert sorted(row["id"] for side in sides for row in side) == sorted(row["id"] for row in rows(some))
    assert 1 <= len(sides[1]) <= 400
    capsys.readouterr()
    assert main(command) == 2
    assert "不会覆盖" in capsys.readouterr().err


def test_check_tells_all_that_is_wrong(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    exam = "单处理机系统中有三道作业同时就绪"
    make("bank", tmp_path / "bank", "--limit=3", "--val-size=0")
    seen = rows(tmp_path / "bank" / "train.jsonl")[0]
    pairs = [("什么是死锁？", "一种僵局，谁也不能前进一步。"), ("什么是死锁", "完全不同的另一个说法而已。"), (exam, "好")]
    told = [{"messages": [{"role": "user", "content": q}, {"role": "assistant", "content": a}]} for q, a in pairs]
    told += [seen, {"messages": [{"role": "user", "content": "没有回答"}]}]
    (tmp_path / "in.jsonl").write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in told), encoding="utf-8")
    capsys.readouterr()
    assert main(["check", str(tmp_path / "in.jsonl"), "--max-length=10", "--json"]) == 1
    out = capsys.readouterr().out
    found = json.loads(out.splitlines()[-1])
    assert len(found["problems"]) == 1 and "第 5 行" in found["problems"][0]
    assert found["duplicates"] == found["conflicts"] == ["什么是死锁"]
    assert [one["rows"] for one in found["contamination"]["held"]] == [[4]]
    assert "4 条可用，1 条有问题" in out and "回答不一致" in out and "超过 10 的" in out


def test_a_clean_file_passes(some: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", str(some)]) == 0
    assert "没有格式问题" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ((), "缺少 命令"),
        (("make",), "缺少 --from"),
        (("make", "--from=papers"), "不能是 'papers'"),
        (("make", "--from=notes", "a.pdf"), "请去掉“a.pdf”"),
        (("make", "--from=notes", "--pairs=0"), "--pairs 应是正整数"),
        (("make", "--from=notes", "--val-size=-1"), "--val-size 应是"),
        (("make", "--from=notes", "--subject=math"), "没有“math”这个科目"),
        (("make", "--from=documents"), "--from notes"),
        (("convert", "a.json", "b.json", "--to=word"), "没有“word”这种格式"),
        (("split", "a.json"), "缺少 --out"),
        (("check", "nothing.jsonl"), "打不开"),
    ],
)
def test_wrong_usage_is_told_in_chinese(arguments: tuple[str, ...], told: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert failed(*arguments) in (1, 2)
    error = capsys.readouterr().err
    assert told in error and "Traceback" not in error


def test_a_full_disk_leaves_no_half_file(tmp_path: Path) -> None:
    """The limit on a file's size fails writes like a full disk: EFBIG for ENOSPC."""
    command = [sys.executable, "-m", "finetune.dataset", "make", "--from=generated", "--pairs=400", f"--out={tmp_path / 'out'}"]
    done = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, timeout=300,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000)),
    )  # fmt: skip
    assert done.returncode == 2 and "写不了" in done.stderr and "Traceback" not in done.stderr
    assert {path.name for path in (tmp_path / "out").iterdir() if not path.name.startswith(".lock")} == {"making.json"}


def test_help_answers_without_the_heavy_libraries() -> None:
    code = "import sys; from finetune.dataset import main\ntry: main(['make', '--help'])\nexcept SystemExit: pass\n" \
        "print([m for m in ('torch', 'transformers', 'chromadb', 'langchain_core', 'datasets') if m in sys.modules])"  # fmt: skip
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert done.stdout.splitlines()[-1] == "[]" and "--pairs" in done.stdout
