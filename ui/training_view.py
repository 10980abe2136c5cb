"""What the tab 训练 shows, as HTML: the runs, how far one is, its losses, its answers, where its weights come from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from html import escape
from math import isfinite

from finetune.runs import State, TrainingRun, ancestry, curves, resume_command
from knowledge.printable import printable
from ui.plots import line

__all__ = ["CSS", "STATES", "command_html", "lineage_html", "losses", "run_html", "run_label", "runs_html"]

CSS = """
:is(#training-origin, #training-record, #training-all, #training-commands) .label-wrap { align-items: center; min-height: 40px; }
.trainings { overflow-x: auto; }
.trainings :is(table, tr) { border: 0 !important; background: none !important; }
.losses-about { color: var(--body-text-color-subdued); margin: 0; }
.trainings table { border-collapse: collapse; width: 100%; font-size: .92em; }
.trainings table :is(th, td) { padding: 6px 10px; border: 0 !important; border-bottom: 1px solid var(--border-color-primary) !important;
  text-align: left; white-space: nowrap; }
.trainings td.wide { white-space: normal !important; min-width: 9em; overflow-wrap: anywhere; }
.training-card { background: var(--block-background-fill); padding: 12px 16px; border: 1px solid var(--border-color-primary); border-radius: 10px; }
.training-card p { margin: 4px 0; overflow-wrap: anywhere; }
.training-card dl { margin: 6px 0; }
.training-card dd { margin: 0 0 6px 1em; overflow-wrap: anywhere; white-space: pre-wrap; }
.lineage { margin: 4px 0 4px 1.2em; list-style: decimal; }
.lineage small { opacity: .75; font-family: monospace; }
.command { display: flex; gap: 8px; align-items: start; margin: 6px 0; }
.command code { flex: 1; min-width: 0; overflow-wrap: anywhere; white-space: pre-wrap; padding: 8px 10px; border-radius: 8px;
  background: var(--background-fill-secondary); }
.command button { min-height: 40px; min-width: 64px; border: 1px solid var(--border-color-primary); border-radius: 8px; cursor: pointer; }
"""
STATES: Mapping[State, str] = {"running": "正在训练", "finished": "已完成", "interrupted": "中断", "damaged": "记录已损坏"}
_NAMES = {"loss": "训练损失", "eval_loss": "评估损失"}
_CURVES = "损失曲线（横轴：步）"
_MOST_RUNS, _MOST_ANSWERS = 200, 6
_START = (
    ("准备数据（从自带笔记做问答）", "python -m finetune.dataset make --from notes --out 数据目录"),
    ("开始训练（LoRA）", "python -m finetune.train finetune/configs/lora.yaml --out 训练目录"),
    ("合并适配器", "python -m finetune.merge 底座目录 --adapter 训练目录/adapter --out 合并后的目录"),
    ("在 CPU 上走完全程（极小模型，几分钟）", "python -m finetune.demo"),
)


def run_label(run: TrainingRun) -> str:
    """A run in a list to choose from."""
    return printable(" · ".join(filter(None, [_moment(run.record.get("started")), run.name, STATES[run.state]])))[:120]


def runs_html(runs: Sequence[TrainingRun]) -> str:
    """All runs."""
    if not runs:
        return "<p>还没有训练记录。训练用命令开始（下面有），开始后这里能看到损失曲线与训练记录。</p>"
    heads = "".join(f"<th scope='col'>{name}</th>" for name in ("开始", "名称", "方法", "底座", "状态", "token", "用时"))
    left = f"<p>另有 {len(runs) - _MOST_RUNS} 次更早的没有列出。</p>" if len(runs) > _MOST_RUNS else ""
    rows = "".join(_row(run) for run in runs[:_MOST_RUNS])
    return f"<div class='trainings'><table><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table></div>{left}"


def run_html(run: TrainingRun) -> str:
    """How it stands with a run: its state, where it is, what it answered last."""
    trained = [row for row in run.rows if "loss" in row]
    parts = [f"<p><strong>{STATES[run.state]}</strong>　{_told(run.name)}</p>"]
    if trained:
        last = trained[-1]
        parts.append(f"<p>阶段 {_told(last['stage'])}，第 {last['step']} 步，训练损失 {_number(last['loss'])}{_pace(last)}</p>")
    elif run.state != "damaged":
        parts.append("<p>还没有一步的记录：正在准备，或一开始就停了。</p>")
    if run.state == "damaged":
        parts.append("<p>run.json 读不了，不能接着训练。请换一个 --out 重新训练；检查点和日志还在目录里。</p>")
    if run.state == "interrupted":
        note = "换上原来那个适配器的目录。" if run.record.get("identity", {}).get("parent") else ""
        parts.append(f"<p>没有做完。在终端里运行这条命令，从最近的检查点接着训练：{note}</p>{command_html(resume_command(run))}")
    if run.answers:
        said = "".join(
            f"<dt>问：{_told(one.get('question'))}</dt><dd>{_told(one.get('text')) or '（空）'}</dd>"
            for one in run.answers[:_MOST_ANSWERS]
        )
        parts.append(
            f"<details><summary>最近一次评估时的回答（第 {run.answers[0]['step']} 步）</summary><dl>{said}</dl></details>"
        )
    return f"<div class='training-card' data-state='{run.state}'>{''.join(parts)}</div>"


def losses(run: TrainingRun) -> str:
    """The curve of the losses, as SVG."""
    drawn = {_NAMES[name]: points for name, points in curves(run.rows).items() if points}
    plot = line(drawn, _CURVES)
    return f"<p class='losses-about'>{_CURVES}</p>{plot}" if drawn else plot


def lineage_html(run: TrainingRun) -> str:
    """What the weights were made of, the oldest first."""
    lineage = run.lineage
    if lineage is None:
        return (
            "<p>权重还没有发布，训练完成后这里列出它的来历。</p>"
            if run.state != "finished"
            else "<p>来历记录（lineage.json）缺失或已损坏。</p>"
        )
    items = "".join(
        f"<li>{what}：{_told(made.name)} <small>{_told(made.digest[:16])}</small>{'' if made.known else '（它自己的来历不明）'}</li>"
        for what, made in ancestry(lineage)
    )
    return f"<ol class='lineage'>{items}<li><b>本次训练：{_told(run.name)}</b></li></ol>"


def command_html(command: str) -> str:
    """A command with a button that copies it."""
    return f"<div class='command'><code>{_told(command)}</code><button type='button' data-copy>复制</button></div>"


def starting_html() -> str:
    """The commands with which a training is begun."""
    return "".join(f"<p>{escape(what)}</p>{command_html(command)}" for what, command in _START)


def _row(run: TrainingRun) -> str:
    record = run.record
    base = record.get("base", {})
    tokens, seconds = record.get("tokens"), record.get("seconds")
    cells = (
        f"<td>{_told(_moment(record.get('started')))}</td><td class='wide'>{_told(run.name)}</td><td>{_told(record.get('method', '—'))}</td>"
        f"<td class='wide'>{_told(base.get('name', '—') if isinstance(base, Mapping) else '—')}</td><td>{STATES[run.state]}</td>"
    )
    return f"<tr>{cells}<td>{_number(tokens) if tokens else '—'}</td><td>{_span(seconds)}</td></tr>"


def _pace(row: Mapping[str, object]) -> str:
    told = [f"，已学 {_number(row['tokens'])} 个 token" if "tokens" in row else ""]
    told += [f"，{_number(row['tokens_per_second'])} token/秒" if "tokens_per_second" in row else ""]
    return "".join(told) + (f"，用时 {_span(row['seconds'])}" if "seconds" in row else "")


def _span(seconds: object) -> str:
    if not isinstance(seconds, int | float) or not isfinite(seconds):
        return "—"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes // 60} 小时 {minutes % 60} 分" if minutes >= 60 else f"{minutes} 分 {rest:02d} 秒"


def _number(value: object) -> str:
    if isinstance(value, int):
        return f"{value:,}"
    return f"{value:.4g}" if isinstance(value, float) else "—"


def _moment(iso: object) -> str:
    """A time of the record on this machine's clock."""
    try:
        return f"{datetime.fromisoformat(str(iso)).astimezone():%Y-%m-%d %H:%M}"
    except ValueError:
        return ""


def _told(text: object) -> str:
    return escape(printable(str(text)))
