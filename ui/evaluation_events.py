"""What happens when something is clicked in the tab 评测: looked up, done, and given back as what the page shows."""

from __future__ import annotations

from collections.abc import Callable
from html import escape
from pathlib import Path
from threading import Lock
from typing import Any

import gradio as gr

from errors import TutorError, UsageError
from eval.launching import Launches, launch_of, log_tail
from eval.order import arguments_of
from eval.runs import ExamRun, Tally, exam_runs, find_run, total_of
from rag.chat_models.label import is_generative
from ui.context import PageContext, may_manage, owner_of
from ui.downloads import download
from ui.evaluation_comparison import choices_of, compare_runs, comparison_html, comparison_markdown
from ui.evaluation_form import connected, order_of, shown_command
from ui.evaluation_view import progress_html, report_frame, run_label, runs_table

__all__ = ["LISTS", "SHOWN", "Evaluations"]

LISTS, SHOWN = 4, 4
"""How many values `listed` gives before those of `look`, and how many `look` gives."""
_LEARNER = "评测由教师或管理员开始；你可以看已有的结果和报告。"


class Evaluations:
    """The events of the tab. What was counted of a run's records is kept, so that a look reads only what is new."""

    def __init__(self, context: PageContext) -> None:
        self._context = context
        self._root = context.settings.eval_dir
        self._launches = Launches(self._root, context.clock)
        self._turn = Lock()
        self._tallies: dict[Path, Tally] = {}
        self._totals: dict[Path, int] = {}

    def enter(self, name: str | None, request: gr.Request, *fields: Any) -> list[Any]:
        """The form, its part for models, its command, a notice, and `listed`: when the tab is opened."""
        may = self._may(request)
        asks = is_generative(connected(self._context))
        told = shown_command(self._context, *fields) if may else ""
        return [gr.update(visible=may), gr.update(visible=asks), told, "" if may else _LEARNER, *self.listed(name)]

    def listed(self, name: str | None) -> list[Any]:
        """Choices of runs, their table, choices to compare twice, and `look`."""
        runs = exam_runs(self._root)
        names = [run.name for run in runs]
        picked = name if name in names else (names[0] if names else None)
        ways = gr.update(choices=choices_of(runs))
        told = runs_table([(run, self._launches.state(run)) for run in runs])
        options = gr.update(choices=[(run_label(run), run.name) for run in runs], value=picked)
        return [options, told, ways, ways, *self.look(picked)]

    def look(self, name: str | None) -> list[Any]:
        """The card of a run, whether it can go on, whether it can be stopped, and the timer, which runs as long as it does."""
        run = guarded(lambda: find_run(self._root, name), None) if name else None
        if run is None:
            return ["", gr.update(visible=False), gr.update(visible=False), gr.Timer(active=False)]
        state = self._launches.state(run)
        again = state in ("incomplete", "stopped", "failed", "interrupted") and launch_of(run.folder) is not None
        going = state in ("running", "elsewhere")
        return [self._card(run), gr.update(visible=again), gr.update(visible=state == "running"), gr.Timer(active=going)]

    def tick(self, name: str | None) -> list[Any]:
        """As `listed`; the lists only once the run has ended, so that none closes while somebody chooses from it.

        Nothing is looked up for a page on which another tab is open: it sends no name.
        """
        if not name:
            return [gr.skip()] * (LISTS + SHOWN)
        told = self.look(name)
        if told[-1].active:
            return [*[gr.skip()] * LISTS, *told]
        return self.listed(name)

    def begin(self, request: gr.Request, *fields: Any) -> list[Any]:
        """Start what the form orders."""

        def start() -> str:
            self._check_may(request)
            settings = connected(self._context)
            folder = self._launches.start(arguments_of(order_of(*fields), settings), settings)
            return folder.relative_to(self._root).as_posix()

        name = guarded(start, None)
        return self.listed(name) if name else [gr.skip()] * (LISTS + SHOWN)

    def resume(self, name: str | None, request: gr.Request) -> list[Any]:
        """Go on with a run."""

        def go_on() -> None:
            self._check_may(request)
            self._launches.resume(find_run(self._root, name), connected(self._context))

        guarded(go_on, None)
        return self.listed(name)

    def stop(self, name: str | None, request: gr.Request) -> list[Any]:
        """Stop the run that is under way."""

        def halt() -> None:
            self._check_may(request)
            self._launches.stop()

        guarded(halt, None)
        return self.listed(name)

    def report(self, name: str | None) -> str:
        """The report of a run, in its frame."""
        return str(guarded(lambda: report_frame(self._report(name)), ""))

    def taken(self, name: str | None) -> str | None:
        """The report as a file."""

        def take() -> str:
            report = self._report(name)
            return download(report.parent.name, ".html", report.read_text("utf-8"))

        return _text(guarded(take, None))

    def difference(self, first: str | None, second: str | None) -> str:
        """Two runs compared, as HTML."""
        return str(guarded(lambda: comparison_html(compare_runs(self._root, first, second)), ""))

    def taken_difference(self, first: str | None, second: str | None) -> str | None:
        """Two runs compared, as a file."""

        def take() -> str:
            return download("评测对比", ".md", comparison_markdown(compare_runs(self._root, first, second)))

        return _text(guarded(take, None))

    def _card(self, run: ExamRun) -> str:
        with self._turn:
            tally = self._tallies.setdefault(run.folder, Tally(run.folder))
            tally.look()
            total = self._totals.get(run.folder) or total_of(run.folder)
            self._totals[run.folder] = total
            counted = tally.done, total, tally.shares()
        now = self._context.clock()
        return progress_html(run, self._launches.state(run), launch_of(run.folder), *counted, log_tail(run.folder), now)

    def _report(self, name: str | None) -> Path:
        report = find_run(self._root, name).report
        if report is None:
            raise UsageError("这次评测还没有报告：做完后就有。没做完的请点“继续”。")
        return report

    def _may(self, request: gr.Request) -> bool:
        return bool(guarded(lambda: may_manage(self._context, owner_of(request)), False))

    def _check_may(self, request: gr.Request) -> None:
        if not self._may(request):
            raise UsageError(_LEARNER)


def guarded(do: Callable[[], Any], otherwise: Any) -> Any:
    """The result; or a message on the page, and what is given for that case."""
    try:
        return do()
    except TutorError as error:
        gr.Warning(escape(str(error)))
    except OSError as error:
        gr.Warning(escape(f"评测目录里的文件读写不了（{error.strerror}）。请检查磁盘空间与权限后再试。"))
    return otherwise


def _text(value: Any) -> str | None:
    return None if value is None else str(value)
