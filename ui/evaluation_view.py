"""What the tab 评测 shows, as HTML: the runs with their figures, how far one is, its report behind bars."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from html import escape
from pathlib import Path
from typing import Any

from eval.launching import Launch, State
from eval.metrics import Proportion
from eval.reporting.report import is_bound
from eval.runs import ExamRun
from knowledge.printable import printable
from knowledge.subjects import SUBJECTS

__all__ = ["CSS", "STATES", "progress_html", "report_frame", "run_label", "runs_table"]

CSS = """
:is(#evaluation-new, #evaluation-all, #evaluation-compare) .label-wrap { align-items: center; min-height: 40px; }
.runs { overflow-x: auto; }
.runs :is(table, tr) { border: 0 !important; background: none !important; }
.runs table { border-collapse: collapse; width: 100%; font-size: .92em; }
.runs table :is(th, td) { padding: 6px 10px; border: 0 !important; border-bottom: 1px solid var(--border-color-primary) !important;
  text-align: left; white-space: nowrap; }
.runs td.wide { white-space: normal !important; min-width: 10em; overflow-wrap: anywhere; }
.runs small { color: var(--body-text-color-subdued); }
.run-card { background: var(--block-background-fill); padding: 12px 16px; border: 1px solid var(--border-color-primary); border-radius: 10px; }
.run-card progress { width: 100%; height: 12px; appearance: none; border: 0; border-radius: 6px; overflow: hidden; }
.run-card progress::-webkit-progress-bar { background: var(--background-fill-secondary); }
.run-card progress::-webkit-progress-value { background: var(--color-accent); }
.run-card progress::-moz-progress-bar { background: var(--color-accent); }
.run-card pre { white-space: pre-wrap; overflow-wrap: anywhere; max-height: 16em; overflow-y: auto; font-size: .85em; margin: 6px 0; }
.run-card p { margin: 4px 0; overflow-wrap: anywhere; }
.run-card ul { margin: 4px 0 4px 1.2em; }
.run-card summary { cursor: pointer; padding: 8px 0; }
.report-frame { width: 100%; height: 78vh; border: 1px solid var(--border-color-primary); border-radius: 10px; background: Canvas; }
"""
STATES: Mapping[State, str] = {
    "running": "正在进行",
    "elsewhere": "另一个进程正在做",
    "finished": "已完成",
    "incomplete": "没有答完",
    "stopped": "已停止",
    "failed": "没有考成",
    "interrupted": "中断",
}
_WHAT_NEXT: Mapping[State, str] = {
    "incomplete": "有的题没有得到回答（接口出错等），不算错。原因在下面的记录里；恢复后点“继续”，只补没有答的。",
    "stopped": "已有的作答都在。点“继续”从停下的地方接着做。",
    "failed": "原因在下面的记录里。改正后点“继续”。",
    "interrupted": "做到一半时程序退出了，已有的作答都在。点“继续”接着做。",
}
_BASELINE = "检索基线（不是模型的成绩）"
_LARGEST_REPORT = 12 << 20
"""Characters of a report that is shown in the page: a larger one is to be downloaded."""
_COLUMNS = tuple(subject.id for subject in SUBJECTS.values() if subject.points)
_MOST_RUNS = 200


def run_label(run: ExamRun) -> str:
    """A run in a list to choose from."""
    model = _BASELINE if run.is_baseline else run.model or "还没有开始"
    return printable(" · ".join(filter(None, [_moment(run.created) or run.folder.name, model, run.source])))[:120]


def runs_table(runs: Sequence[tuple[ExamRun, State]]) -> str:
    """All runs with the accuracy of each way of asking, in all and by subject."""
    if not runs:
        return "<p class='run-none'>还没有评测。一次评测让模型答一套题，给出各科正确率和区间。</p>"
    heads = "".join(
        f"<th scope='col'>{name}</th>" for name in ("时间", "模型", "题目", "方式", "全部", *map(_short_name, _COLUMNS), "状态")
    )
    rows = "".join(_row(run, state, way) for run, state in runs[:_MOST_RUNS] for way in _ways(run))
    left = f"<p><small>另有 {len(runs) - _MOST_RUNS} 次更早的没有列出。</small></p>" if len(runs) > _MOST_RUNS else ""
    note = "<p><small>正确率后面是 95% 区间；随机猜约 25%。“检索基线”只按检索到的原文给选项打分，不用语言模型。</small></p>"
    return f"<div class='runs'><table><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table></div>{note}{left}"


def progress_html(
    run: ExamRun,
    state: State,
    launch: Launch | None,
    done: int,
    total: int,
    shares: Mapping[str, Proportion | None],
    log: str,
    now: datetime,
) -> str:
    """How far a run is: counted from its records, not guessed."""
    name = _BASELINE if run.is_baseline else run.model or (launch.model if launch else "")
    parts = [f"<p><strong>{STATES[state]}</strong>　{_told(name)}　{_told(run.source)}</p>"]
    if total:
        parts.append(f"<progress max='{total}' value='{min(done, total)}' aria-label='已答 {done} / {total}'></progress>")
    parts.append(
        f"<p>已答 <b>{done}</b>{f' / {total}' if total else ''} 次{_elapsed(launch, state, now)}</p>"
        if done or total
        else _before(state)
    )
    if shares:
        parts.append(f"<ul>{''.join(f'<li>{_told(way)}：{_share(share)}</li>' for way, share in shares.items())}</ul>")
    parts += [f"<p>{told}</p>"] if (told := _WHAT_NEXT.get(state) if launch else _typed(state)) else []
    parts += [f"<p>读不了它的文件：{_told(run.fault)}</p>"] if run.fault else []
    if log:
        opened = " open" if state in ("failed", "incomplete") else ""
        parts.append(f"<details{opened}><summary>运行记录</summary><pre>{_told(log)}</pre></details>")
    return f"<div class='run-card' data-state='{state}'>{''.join(parts)}</div>"


def report_frame(report: Path) -> str:
    """A report in a frame that is nobody's: no cookies, no storage, no page around it, nothing to be fetched.

    The script of our own reports may run, because their policy lets no other run; in a file that begins otherwise none does.

    Raises:
        OSError: it can't be read.
    """
    text = report.read_text(encoding="utf-8", errors="replace")
    if len(text) > _LARGEST_REPORT:
        return f"<p>这份报告有 {len(text) >> 20} MB，在这里打开会很慢。请点“下载报告”，用浏览器打开。</p>"
    allowed = "allow-scripts" if is_bound(text) else ""
    return f"<iframe class='report-frame' title='评测报告' sandbox='{allowed}' referrerpolicy='no-referrer' srcdoc=\"{escape(text, quote=True)}\"></iframe>"


def _ways(run: ExamRun) -> Iterable[Mapping[str, Any] | None]:
    return run.summary["conditions"] if run.summary and run.summary["conditions"] else [None]


def _row(run: ExamRun, state: State, way: Mapping[str, Any] | None) -> str:
    model = _BASELINE if run.is_baseline else run.model or "—"
    cells = [_cell(way["table"].get(subject)) for subject in ("all", *_COLUMNS)] if way else ["—"] * (len(_COLUMNS) + 1)
    told = "".join(f"<td>{cell}</td>" for cell in cells)
    return (
        f"<tr><td>{_told(_moment(run.created) or run.folder.name)}</td><td class='wide'>{_told(model)}</td><td class='wide'>{_told(run.source)}</td>"
        f"<td>{_told(way['name'] if way else '—')}</td>{told}<td>{STATES[state]}</td></tr>"
    )


def _cell(row: Mapping[str, Any] | None) -> str:
    if not row or not row["n"]:
        return "—"
    between = f"{row['low']:.0%}–{row['high']:.0%}" if row["low"] is not None and row["high"] is not None else "题太少"
    return f"{row['accuracy']:.1%} <small>{between}（{row['n']}）</small>"


def _share(share: Proportion | None) -> str:
    if share is None:
        return "正确率在做完后给出（选项轮换，各次作答不独立）"
    return f"正确率 {share.value:.1%}（95% 区间 {share.interval.low:.1%}–{share.interval.high:.1%}，{share.successes}/{share.n}）"


def _before(state: State) -> str:
    return "<p>正在准备：读题、打开知识库、加载模型……</p>" if state == "running" else "<p>还没有作答。</p>"


def _typed(state: State) -> str:
    """What to do with a run that was started from a terminal."""
    return "这次评测是用命令启动的：在终端里再运行一次原来的命令就接着做。" if state in ("incomplete", "interrupted") else ""


def _elapsed(launch: Launch | None, state: State, now: datetime) -> str:
    if launch is None:
        return ""
    try:
        begun = datetime.fromisoformat(launch.started)
        end = now if state == "running" else datetime.fromisoformat(launch.ended)
        seconds = max(round((end - begun).total_seconds()), 0)
    except (ValueError, TypeError):  # nobody saw the end
        return ""
    return f"　用时 {seconds // 60} 分 {seconds % 60:02d} 秒"


def _short_name(subject: str) -> str:
    return SUBJECTS[subject].name.removeprefix("计算机")


def _moment(iso: str) -> str:
    """A time as it was on the clock where the run was made."""
    try:
        return f"{datetime.fromisoformat(iso):%Y-%m-%d %H:%M}"
    except ValueError:
        return ""


def _told(text: str) -> str:
    return escape(printable(text))
