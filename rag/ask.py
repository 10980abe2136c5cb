"""Ask one question. Run as: python -m rag.ask "死锁产生的四个必要条件是什么？" --json"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from knowledge.command import Parser, guarded
from knowledge.subjects import AUTO, SUBJECTS, subject_told, validate_subject
from settings import load_settings

if TYPE_CHECKING:
    from rag.citations import Citation
    from rag.events import Answer
    from rag.tutor import Tutor

__all__ = ["answer_json", "main", "print_answer"]

MODES = ("qa",)


def main(argv: Sequence[str] | None = None) -> int:
    """The command; exit status 0 answered or refused, 1 failed, 2 usage."""
    parser = Parser(prog="python -m rag.ask", description="问一个问题，得到带出处的回答。")
    parser.add_argument("question", metavar="QUESTION", help="问题")
    parser.add_argument("--subject", default=AUTO, metavar="S", help=f"{' | '.join(SUBJECTS)} | auto（默认）")
    parser.add_argument("--mode", default="qa", choices=MODES, metavar="M", help="qa（答疑）")
    parser.add_argument("--json", action="store_true", help="输出 JSON")
    return guarded(lambda: _run(parser.parse_args(argv)))


def _run(options: argparse.Namespace) -> int:
    validate_subject(options.subject)
    from rag.conversation import Session
    from rag.tutor import open_tutor

    tutor = open_tutor(load_settings())
    session = Session(options.subject)
    if options.json:
        print(json.dumps(answer_json(tutor.ask(options.question, session)), ensure_ascii=False))
    else:
        print_answer(tutor, options.question, session)
    return 0


def answer_json(answer: Answer) -> dict[str, Any]:
    """The answer as the command contract has it, with the `nearest` places of a refusal besides."""
    return {
        "answer": answer.text,
        "citations": [citation.to_json() for citation in answer.citations],
        "refused": answer.refused,
        "subject": answer.subject,
        "subject_confidence": round(answer.subject_confidence, 3),
        "model": answer.model,
        "notice": answer.notice,
        "nearest": [citation.to_json() for citation in answer.nearest],
    }


def print_answer(tutor: Tutor, question: str, session: Any) -> None:
    """Stream an answer to standard output, then its places."""
    from rag.events import Answer, Token

    said = False
    for event in tutor.stream(question, session):
        if isinstance(event, Token):
            said = True
            print(event.text, end="", flush=True)
        elif isinstance(event, Answer):
            print("\n" if said and event.refused else "", end="")
            _print_places(event)


def _print_places(answer: Answer) -> None:
    if answer.refused:
        print(answer.text)
    if answer.notice:
        print(f"\n{answer.notice}", end="")
    print(f"\n—— {subject_told(answer.subject, answer.subject_confidence)} · {answer.model}")
    for citation in answer.citations or answer.nearest:
        print(f"[{citation.n}] {_place(citation)}", file=sys.stdout)


def _place(citation: Citation) -> str:
    quote = " ".join(citation.quote.split())
    return f"{citation.source} 第 {citation.page} 页 {citation.section}：{quote[:60]}{'…' if len(quote) > 60 else ''}"


if __name__ == "__main__":
    raise SystemExit(main())
