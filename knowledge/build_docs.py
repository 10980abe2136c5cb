"""Build the sample documents docs/*.pdf from knowledge/handouts/*.md. Run as: python -m knowledge.build_docs

Needs requirements-dev.txt (WeasyPrint), Pango (Debian: libpango-1.0-0 libpangoft2-1.0-0) and Noto CJK fonts
(Debian: fonts-noto-cjk). The fonts are embedded as subsets; headings become the PDF's outline.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from settings import ROOT

__all__ = ["HANDOUTS", "build", "main"]

HANDOUTS = {
    "ds": "数据结构讲义",
    "co": "计算机组成原理讲义",
    "os": "操作系统讲义",
    "cn": "计算机网络讲义",
    "policy": "国家级一流本科课程建设指南",
}
"""Subject of each handout, and the name of its PDF."""

_STYLE = """
@page { size: A4; margin: 22mm 20mm; @bottom-center { content: counter(page); font: 9pt 'Noto Sans CJK SC'; } }
body { font: 11.5pt/1.75 'Noto Serif CJK SC'; text-align: justify; }
h1, h2, h3, th { font-family: 'Noto Sans CJK SC'; break-after: avoid; }
h1 { font-size: 22pt; text-align: center; } h2 { font-size: 17pt; } h3 { font-size: 14pt; }
p { margin: 0.4em 0; } li { margin: 0.2em 0; } ul, ol { list-style-position: inside; padding-left: 1.2em; }
table { border-collapse: collapse; width: 100%; font-size: 10pt; margin: 0.8em 0; }
th, td { border: 0.5pt solid #888; padding: 3pt 6pt; text-align: left; } tr { break-inside: avoid; }
pre { background: #f4f4f4; padding: 8pt; font: 9.5pt/1.5 'Noto Sans Mono CJK SC'; break-inside: avoid; white-space: pre; }
code { font-family: 'Noto Sans Mono CJK SC'; }
"""


def build(subject: str, out: Path) -> Path:
    """Write the PDF of one handout into the folder `out` and return its path."""
    from markdown_it import MarkdownIt
    from weasyprint import HTML

    source = ROOT / "knowledge" / "handouts" / f"{subject}.md"
    body = MarkdownIt("commonmark").enable("table").render(source.read_text(encoding="utf-8"))
    title, target = HANDOUTS[subject], out / f"{HANDOUTS[subject]}.pdf"
    page = f"<html lang='zh-CN'><head><title>{title}</title><style>{_STYLE}</style></head><body>{body}</body></html>"
    HTML(string=page).write_pdf(target)
    return target


def main(argv: Sequence[str] | None = None) -> int:
    """Build all of them."""
    parser = argparse.ArgumentParser(prog="python -m knowledge.build_docs", description="由 Markdown 讲义生成 docs/ 里的 PDF。")
    parser.add_argument("--out", type=Path, default=ROOT / "docs", help="输出目录")
    options = parser.parse_args(argv)
    options.out.mkdir(parents=True, exist_ok=True)
    for subject in HANDOUTS:
        print(build(subject, options.out))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
