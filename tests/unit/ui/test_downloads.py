"""Names and content of exported files, and that they go with the app."""

import subprocess
import sys
from pathlib import Path

from settings import ROOT
from ui.downloads import download


def test_a_name_is_one_of_a_file_whatever_the_title_and_no_file_replaces_another() -> None:
    first, second = (Path(download("../死锁 / 银行家?", ".md", text)) for text in ("甲", "乙"))
    assert first.name == "死锁-银行家.md" and (first.read_text("utf-8"), second.read_text("utf-8")) == ("甲", "乙")
    assert Path(download("…/", ".md", "")).name == "导出.md" and len(Path(download("栈" * 300, ".html", "")).name) < 100


def test_the_files_are_gone_with_the_process() -> None:
    made = [sys.executable, "-c", "from ui.downloads import download; print(download('一', '.md', '二'))"]
    path = Path(subprocess.run(made, cwd=ROOT, capture_output=True, text=True, check=True).stdout.strip())
    assert path.name == "一.md" and not path.parent.parent.exists()
