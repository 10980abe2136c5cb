"""A conversation in the terminal. Run as: python -m rag.chat [--mode socratic] [--subject os]"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from errors import TutorError, UsageError
from knowledge.command import Parser, guarded
from knowledge.subjects import AUTO, SUBJECTS, subject_label, validate_subject
from rag.ask import MODES_TOLD, print_events
from settings import load_settings
from tutoring.mode_names import MODE_NAMES

if TYPE_CHECKING:
    from rag.conversation import Session
    from rag.tutor import Tutor

__all__ = ["main"]

_HELP = f"""输入问题并回车。命令：
  clear           清空对话
  stop            结束（也可以按 Ctrl-D）
  /subject 科目   {" | ".join(SUBJECTS)} | auto
  /mode 模式      {MODES_TOLD}
  /retrieval on|off|auto　/calculator on|off　/web on|off　检索、计算器、联网的开关
  /again          重新回答上一个问题
  /edit 新问题    改写上一个问题，重新回答
  /export 文件    把对话存为 Markdown
回答时按 Ctrl-C 可以打断这一次回答。"""
_SWITCH = {"on": True, "off": False}


def main(argv: Sequence[str] | None = None) -> int:
    """The command; returns when the user types `stop` or ends the input."""
    parser = Parser(
        prog="python -m rag.chat",
        description="在终端里对话。",
        epilog="命令：clear、stop、/subject、/mode、/again、/edit、/export",
    )
    parser.add_argument("--subject", default=AUTO, metavar="S", help=f"{' | '.join(SUBJECTS)} | auto（默认）")
    parser.add_argument("--mode", default="qa", choices=MODE_NAMES, metavar="M", help=MODES_TOLD)

    def run() -> int:
        options = parser.parse_args(argv)
        return _converse(options.subject, options.mode)

    return guarded(run)


def _converse(subject: str, mode: str) -> int:
    from rag.conversation import Session
    from rag.tutor import open_tutor

    session, begun = Session(validate_subject(subject), mode), datetime.now(UTC)
    tutor = open_tutor(load_settings())
    print(f"{_HELP}\n当前模型：{tutor.label}")
    while True:
        try:
            line = input(f"\n[{subject_label(session.subject)} · {MODE_NAMES[session.mode]}] > ").strip()
        except EOFError:
            return 0
        if line == "stop":
            return 0
        try:
            if line:
                _take(line, session, tutor, begun)
        except TutorError as error:
            print(error)
        except KeyboardInterrupt:
            print("\n（已打断）")


def _take(line: str, session: Session, tutor: Tutor, begun: datetime) -> None:
    """Do what one line wants."""
    from tutoring.modes import teach, teach_again

    name, _, value = line.partition(" ")
    value = value.strip()
    if line == "clear":
        session.turns.clear()
        print("对话已清空。")
    elif name == "/again":
        print_events(teach_again(tutor, session))
    elif name == "/edit" and value:
        print_events(teach_again(tutor, session, text=value))
    elif line.startswith("/"):
        print(_command(name, value, session, begun))
    else:
        print_events(teach(tutor, line, session))


def _command(name: str, value: str, session: Session, begun: datetime) -> str:
    """Change how the conversation goes on, which `begun` when; returns what to print."""
    if name == "/subject":
        session.subject = validate_subject(value)
        return f"科目：{subject_label(session.subject)}"
    if name == "/mode":
        from tutoring.modes import mode_named

        session.mode = mode_named(value).id
        return f"模式：{MODE_NAMES[session.mode]}。{mode_named(value).about}"
    if name == "/retrieval" and value in (*_SWITCH, "auto"):
        session.switches = replace(session.switches, retrieval=_SWITCH.get(value))
        return f"检索：{'由模式决定' if value == 'auto' else value}"
    if name in ("/calculator", "/web") and value in _SWITCH:
        session.switches = replace(session.switches, **{name[1:]: _SWITCH[value]})
        return f"{'计算器' if name == '/calculator' else '联网'}：{value}"
    if name == "/export" and value:
        return _exported(session, begun, Path(value))
    return _HELP


def _exported(session: Session, begun: datetime, path: Path) -> str:
    from tutoring.export import session_markdown
    from tutoring.records import SessionSummary, title_of

    now = datetime.now(UTC)
    title = title_of(session.turns[0].question) if session.turns else ""
    about = SessionSummary("", title, session.subject, session.mode, begun, now, len(session.turns))
    try:
        path.write_text(session_markdown(about, session.turns, MODE_NAMES.__getitem__), encoding="utf-8")
    except OSError as error:
        raise UsageError(f"写不了 {path}（{error.strerror}）。请换一个文件名。") from error
    return f"已存为 {path}"


if __name__ == "__main__":
    raise SystemExit(main())
