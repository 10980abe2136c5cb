"""Build the knowledge base. Run as: python -m rag.ingest docs/

Documents already in the knowledge base and not changed since are skipped, so the command may be repeated at will.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from knowledge.command import Parser, guarded
from knowledge.subjects import AUTO, SUBJECTS, subject_label, validate_subject
from settings import Settings, load_settings

if TYPE_CHECKING:
    from rag.library import Library, Outcome, Step

__all__ = ["IngestReport", "find_documents", "ingest", "main", "reindex"]


@dataclass
class IngestReport:
    """Counts over a run; `to_json` is the last line of `--json`."""

    states: Counter[str] = field(default_factory=Counter)
    failed: list[dict[str, str]] = field(default_factory=list)
    unread: list[dict[str, Any]] = field(default_factory=list)
    pictures: list[dict[str, Any]] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)
    pages: int = 0
    ocr_pages: int = 0
    chunks: int = 0
    started: float = field(default_factory=time.monotonic)

    def note(self, outcome: Outcome) -> None:
        """Count one outcome."""
        self.states[outcome.state] += 1
        record = outcome.record
        if outcome.state == "failed":
            self.failed.append({"path": outcome.path, "error": outcome.error})
        elif record:
            self.pages += record.pages - len(record.unread_pages)
            self.ocr_pages += len(record.ocr_pages)
            self.chunks += record.chunks
            if record.unread_pages:
                reasons = {str(page): record.reasons.get(page, "没有读到文字") for page in record.unread_pages}
                self.unread.append({"path": outcome.path, "pages": list(record.unread_pages), "reasons": reasons})
            if record.pictures:
                self.pictures.append({"path": outcome.path, "count": record.pictures})

    def to_json(self) -> dict[str, Any]:
        """The report as the command contract has it, with `unread` pages and pictures and `skipped` files named besides."""
        counts = {state: self.states[state] for state in ("added", "updated", "unchanged")}
        return {
            "documents": self.states.total(),
            **counts,
            "failed": self.failed,
            "pages": self.pages,
            "ocr_pages": self.ocr_pages,
            "chunks": self.chunks,
            "seconds": round(time.monotonic() - self.started, 2),
            "unread": self.unread,
            "unread_pictures": self.pictures,
            "skipped": self.skipped,
        }


def find_documents(paths: Sequence[Path]) -> tuple[list[tuple[Path, str]], list[str]]:
    """Files below `paths` as (path, source), and the files in folders that have no reader.

    A file's source is its path from the folder that was named, that folder's own name included. Hidden files and
    folders are passed over. A path that doesn't exist is kept: reading it will say so.
    """
    from rag.parsing import SUFFIXES

    documents, skipped = [], []
    for root in paths:
        if not _is_folder(root):
            documents.append((root, root.name))
            continue
        for path in sorted(p for p in root.rglob("*") if not p.is_dir()):
            inside = path.relative_to(root)
            if any(part.startswith((".", "~$")) for part in inside.parts):
                continue
            if path.suffix.lower() in SUFFIXES:
                documents.append((path, str(Path(root.absolute().name) / inside)))
            else:
                skipped.append(str(path))
    return documents, skipped


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except OSError:  # a name longer than the file system allows
        return False


def ingest(library: Library, documents: Sequence[tuple[Path, str]], subject: str = AUTO) -> Iterator[Step]:
    """Read documents, given as (path, source), in worker processes; a step after each page range and for each outcome.

    Raises:
        StoreBusyError: another process is ingesting.
    """
    from rag.library import Incoming

    with library.writing(), library.workers() as workers:
        library.reconcile()
        yield from library.add_all([Incoming(path, source, subject) for path, source in documents], workers)


def reindex(library: Library) -> Iterator[Step]:
    """Read again what an earlier run left unfinished or what the store does not (fully) hold under this embedding.

    Raises:
        StoreBusyError: another process is ingesting.
    """
    from rag.library import Incoming, Outcome, Step

    with library.writing(), library.workers() as workers:
        again = [library.read_again(record) for record in library.reconcile()]
        lost = [one for one in again if isinstance(one, Outcome)]
        for i, outcome in enumerate(lost):
            yield Step(i + 1, len(again), outcome.path, outcome)
        for step in library.add_all([one for one in again if isinstance(one, Incoming)], workers):
            yield replace(step, done=step.done + len(lost), total=len(again))


def main(argv: Sequence[str] | None = None) -> int:
    """The command; returns its exit status: 0 all well, 1 some file failed, 2 usage."""
    options = _parser().parse_args(argv)
    if not (options.paths or options.list or options.delete or options.reindex):
        _parser().error("请给出要入库的文件或文件夹，例如 python -m rag.ingest docs/")
    return guarded(lambda: _run(options, load_settings()))


def _parser() -> argparse.ArgumentParser:
    parser = Parser(prog="python -m rag.ingest", description="把课程资料读入知识库。")
    parser.add_argument("paths", nargs="*", type=Path, metavar="PATH", help="文件或文件夹")
    parser.add_argument("--subject", default=AUTO, metavar="S", help=f"{' | '.join(SUBJECTS)} | auto（默认，自动判断）")
    parser.add_argument("--list", action="store_true", help="列出已有资料")
    parser.add_argument("--delete", metavar="SOURCE", help="删除一份资料（名称见 --list）")
    parser.add_argument("--reindex", action="store_true", help="用保存的原件补全或重建索引（换了向量模型、上次被打断、数据丢失）")
    parser.add_argument("--json", action="store_true", help="最后一行输出 JSON")
    return parser


def _run(options: argparse.Namespace, settings: Settings) -> int:
    from rag.library import open_library

    validate_subject(options.subject)
    library = open_library(settings)
    if options.delete:
        with library.writing():
            record = library.delete(options.delete)
        print(
            json.dumps({"deleted": record.source, "chunks": record.chunks}, ensure_ascii=False)
            if options.json
            else f"已删除：{record.source}"
        )
    if options.list:
        _print_list(library, options.json)
    report = IngestReport()
    if options.reindex:
        _follow(reindex(library), report, options.json)
    if options.paths:
        documents, report.skipped = find_documents(options.paths)
        _follow(ingest(library, documents, options.subject), report, options.json)
    if options.paths or options.reindex:
        _print_report(report, options.json)
    return 1 if report.failed else 0


def _follow(steps: Iterator[Step], report: IngestReport, as_json: bool) -> None:
    """Show pages done, pages a second and the remaining time, and name each failure as it comes."""
    from tqdm import tqdm

    form = "{desc} {percentage:3.0f}%|{bar}| {n_fmt}/{total_fmt} 页 [{elapsed}，约剩 {remaining}，{rate_fmt}{postfix}]"
    with tqdm(unit="页", desc="入库", bar_format=form, disable=None if not as_json else not sys.stderr.isatty()) as bar:
        for step in steps:
            bar.total = step.total_pages
            bar.set_postfix_str(f"{step.done}/{step.total} 份 {Path(step.path).name[:30]}", refresh=False)
            bar.update(step.pages - bar.n)
            if step.outcome:
                report.note(step.outcome)
                if step.outcome.error:
                    bar.write(f"失败：{step.path}：{step.outcome.error}", file=sys.stderr)


def _print_report(report: IngestReport, as_json: bool) -> None:
    result = report.to_json()
    if as_json:
        print(json.dumps(result, ensure_ascii=False))
        return
    for entry in report.unread:
        _print_unread(entry)
    for entry in report.pictures:
        print(f"未读图片：{entry['path']}：{entry['count']} 张（设 TUTOR_OCR_IMAGES=true 再入库，可用 OCR 识别其中的文字）")
    _print_skipped(report.skipped)
    print(
        f"共 {result['documents']} 份：新增 {result['added']}，更新 {result['updated']}，未变 {result['unchanged']}，"
        f"失败 {len(report.failed)}；{report.pages} 页（其中 OCR 识别 {report.ocr_pages} 页），{report.chunks} 个片段，用时 {result['seconds']} 秒。"
    )


def _print_unread(entry: dict[str, Any]) -> None:
    """Name the pages of a document that were not read, a line a reason."""
    pages: dict[str, list[str]] = {}
    for page, reason in entry["reasons"].items():
        pages.setdefault(reason, []).append(page)
    for reason, numbers in pages.items():
        print(f"未读页：{entry['path']}：第 {'、'.join(numbers)} 页：{reason}")


def _print_skipped(skipped: Sequence[str]) -> None:
    """Name the files that have no reader, a line a reason."""
    from rag.parsing import why_unsupported

    reasons: dict[str, list[str]] = {}
    for path in skipped:
        reasons.setdefault(why_unsupported(Path(path)), []).append(Path(path).name)
    for reason, names in reasons.items():
        others = f" 等 {len(names)} 个文件" if len(names) > 5 else ""
        print(f"跳过：{'、'.join(names[:5])}{others}：{reason}")


def _print_list(library: Library, as_json: bool) -> None:
    from dataclasses import asdict

    states = {"indexed": "已入库", "pending": "未完成", "failed": "失败"}
    for r in library.documents():
        if as_json:
            print(json.dumps(asdict(r), ensure_ascii=False))
            continue
        label = subject_label(r.subject) if r.subject else "—"
        unread = f"，未读页 {len(r.unread_pages)}" if r.unread_pages else ""
        print(f"{states[r.state]}\t{label}\t{r.pages} 页{unread}\t{r.chunks} 个片段\t{r.source}\t{r.error}")


if __name__ == "__main__":
    raise SystemExit(main())
