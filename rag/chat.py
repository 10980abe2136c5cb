"""A conversation in the terminal. Run as: python -m rag.chat"""

from __future__ import annotations

from collections.abc import Sequence

from errors import TutorError
from knowledge.command import Parser, guarded
from knowledge.subjects import AUTO, SUBJECTS, subject_label, validate_subject
from rag.ask import MODES, print_answer
from settings import load_settings

__all__ = ["main"]

_HELP = f"""输入问题并回车。命令：
  clear           清空对话
  stop            结束（也可以按 Ctrl-D）
  /subject 科目   {" | ".join(SUBJECTS)} | auto
  /mode 模式      {" | ".join(MODES)}
回答时按 Ctrl-C 可以打断这一次回答。"""


def main(argv: Sequence[str] | None = None) -> int:
    """The command; returns when the user types `stop` or ends the input."""
    parser = Parser(prog="python -m rag.chat", description="在终端里对话。", epilog="命令：clear、stop、/subject、/mode")
    parser.add_argument("--subject", default=AUTO, metavar="S", help=f"{' | '.join(SUBJECTS)} | auto（默认）")
    return guarded(lambda: _converse(parser.parse_args(argv).subject))


def _converse(subject: str) -> int:
    from rag.tutor import Session, open_tutor

    session = Session(validate_subject(subject))
    tutor = open_tutor(load_settings())
    print(f"{_HELP}\n当前模型：{tutor.label}")
    while True:
        try:
            line = input(f"\n[{subject_label(session.subject)}] > ").strip()
        except EOFError:
            return 0
        if line == "stop":
            return 0
        try:
            if line == "clear":
                session = Session(session.subject)
                print("对话已清空。")
            elif line.startswith("/"):
                print(_command(line, session))
            elif line:
                print_answer(tutor, line, session)
        except TutorError as error:
            print(error)
        except KeyboardInterrupt:
            print("\n（已打断）")


def _command(line: str, session: object) -> str:
    from rag.tutor import Session

    assert isinstance(session, Session)
    name, _, value = line.partition(" ")
    value = value.strip()
    if name == "/subject":
        session.subject = validate_subject(value)
        return f"科目：{subject_label(session.subject)}"
    if name == "/mode" and value in MODES:
        return f"模式：{value}"
    return _HELP


if __name__ == "__main__":
    raise SystemExit(main())
