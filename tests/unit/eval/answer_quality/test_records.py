import json
from dataclasses import replace
from pathlib import Path

import pytest

from errors import ContentError, UsageError
from eval.answer_quality.records import CONFIG, RECORDS, hash_of, open_run
from settings import Settings
from tests.unit.eval.answer_quality.tutor_records import FULL, refusing

CONFIGURATION = {"model": "m", "knowledge": "k", "judge": "rule", "tokens": "1024/None", "measure": "1", "label": "模型"}


def test_records_are_there_again_after_a_kill(tmp_path: Path) -> None:
    records = open_run(tmp_path / "run", CONFIGURATION)
    records.add(FULL)
    records.add(refusing(2, False, True))
    records.close()
    path = tmp_path / "run" / RECORDS
    with path.open("ab") as file:
        file.write(b'{"id": "ds-r3", "kind": "refu')
    again = open_run(tmp_path / "run", CONFIGURATION)
    assert list(again.done.values()) == [FULL, refusing(2, False, True)]
    again.add(replace(FULL, id="os-2", claims=None))
    again.close()
    last = open_run(tmp_path / "run", CONFIGURATION)
    assert list(last.done) == ["os-1", "ds-r2", "os-2"] and last.done["os-2"].claims is None
    last.close()


@pytest.mark.parametrize(
    ("name", "told"), [("model", "回答的模型"), ("knowledge", "知识库"), ("judge", "核对的方式"), ("measure", "测量方法")]
)
def test_a_folder_of_another_configuration_is_refused_by_name(tmp_path: Path, name: str, told: str) -> None:
    open_run(tmp_path, CONFIGURATION).close()
    other = CONFIGURATION | {name: "other"}
    with pytest.raises(UsageError, match=told):
        open_run(tmp_path, other)
    assert hash_of(other) != hash_of(CONFIGURATION) == hash_of(CONFIGURATION | {"label": "另一个说法"})


def test_foreign_files_are_named(tmp_path: Path) -> None:
    open_run(tmp_path, CONFIGURATION).close()
    (tmp_path / RECORDS).write_text('{"id": 1}\n', encoding="utf-8")
    with pytest.raises(ContentError, match="第 1 行"):
        open_run(tmp_path, CONFIGURATION)
    (tmp_path / CONFIG).write_text("[]x", encoding="utf-8")
    with pytest.raises(ContentError, match="配置"):
        open_run(tmp_path, CONFIGURATION)
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(UsageError, match="--out"):
        open_run(tmp_path / "file" / "run", CONFIGURATION)


def test_records_hold_any_text(tmp_path: Path, settings: Settings) -> None:
    records = open_run(tmp_path, CONFIGURATION)
    records.add(replace(FULL, answer="行\u2028中\x85断\ud800"))
    records.close()
    assert len((tmp_path / RECORDS).read_bytes().splitlines()) == 1
    assert json.loads((tmp_path / RECORDS).read_bytes())["answer"] == "行\u2028中\x85断?"
    reopened = open_run(tmp_path, CONFIGURATION)
    assert reopened.done["os-1"].answer == "行\u2028中\x85断?"
    reopened.close()
