"""Ask one question. Run as: python -m rag.ask "死锁产生的四个必要条件是什么？" [--mode socratic] [--json]"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from knowledge.command import Parser, guarded
from knowledge.subjects import AUTO, SUBJECTS, subject_told, validate_subject
from settings import load_settings
from tutoring.mode_names import MODE_NAMES

if TYPE_CHECKING:
    from rag.citations import Citation
    from rag.events import Answer, Event

__all__ = ["MODES_TOLD", "answer_json", "main", "print_events"]

MODES_TOLD = "、".join(f"{mode}（{name}）" for mode, name in MODE_NAMES.items())


def main(argv: Sequence[str] | None = None) -> int:
    """The command; exit status 0 answered or refused, 1 failed, 2 usage."""
    parser = Parser(prog="python -m rag.ask", description="问一个问题，得到带出处的回答。")
    parser.add_argument("question", metavar="QUESTION", help="问题；- 从标准输入读")
    parser.add_argument("--subject", default=AUTO, metavar="S", help=f"{' | '.join(SUBJECTS)} | auto（默认）")
    parser.add_argument("--mode", default="qa", choices=MODE_NAMES, metavar="M", help=MODES_TOLD)
    parser.add_argument("--retrieval", choices=("on", "off"), help="是否检索资料（默认由模式决定）")
    parser.add_argument("--calculator", choices=("on", "off"), default="on", help="计算器（默认 on）")
    parser.add_argument("--web", action="store_true", help="联网检索（需要 TUTOR_SEARCH_URL）")
    parser.add_argument("--json", action="store_true", help="输出 JSON")
    return guarded(lambda: _run(parser.parse_args(argv)))


def _run(options: argparse.Namespace) -> int:
    validate_subject(options.subject)
    from rag.conversation import Session, Switches
    from rag.tutor import open_tutor
    from tutoring.modes import teach

    retrieval = None if options.retrieval is None else options.retrieval == "on"
    switches = Switches(retrieval, options.calculator == "on", options.web)
    question = sys.stdin.read() if options.question == "-" else options.question
    events = teach(open_tutor(load_settings()), question, Session(options.subject, options.mode, switches))
    if options.json:
        *_, answer = events
        print(json.dumps(answer_json(answer), ensure_ascii=False))  # type: ignore[arg-type] # the last event is the answer
    else:
        print_events(events)
    return 0


def answer_json(answer: Answer) -> dict[str, Any]:
    """The answer as the command contract has it, with the `nearest` places of a refusal and a mode's `data` besides."""
    return {
        "answer": answer.text,
        "citations": [citation.to_json() for citation in answer.citations],
        "refused": answer.refused,
        "subject": answer.subject,
        "subject_confidence": round(answer.subject_confidence, 3),
        "model": answer.model,
        "notice": answer.notice,
        "nearest": [citation.to_json() for citation in answer.nearest],
        "data": dict(answer.data),
    }


def print_events(events: Iterator[Event]) -> None:
    """Stream an answer to standard output, then its places."""
    from rag.events import Answer, Token

    said = ""
    for event in events:
        if isinstance(event, Token):
            said += event.text
            print(event.text, end="", flush=True)
        elif isinstance(event, Answer):
            if event.refused and event.text != said:
                print(f"\n{event.text}" if said else event.text)
            _print_places(event)


def _print_places(answer: Answer) -> None:
    if answer.notice:
        print(f"\n{answer.notice}", end="")
    print(f"\n—— {subject_told(answer.subject, answer.subject_confidence)} · {answer.model}")
    for citation in answer.citations or answer.nearest:
        print(f"[{citation.n}] {_place(citation)}")


def _place(citation: Citation) -> str:
    quote = " ".join(citation.quote.split())
    return f"{citation.source} 第 {citation.page} 页 {citation.section}：{quote[:60]}{'…' if len(quote) > 60 else ''}"


if __name__ == "__main__":
    raise SystemExit(main())
