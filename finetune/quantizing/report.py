"""What a quantization did: for the model's card, for the screen, as JSON."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from finetune.lineage import Made
from finetune.quantizing.check import Checked
from finetune.quantizing.job import Job

__all__ = ["Calibration", "Report", "card", "summary"]


@dataclass(frozen=True)
class Calibration:
    """The text that was read.

    Attributes:
        samples: windows that there were, which may be fewer than wanted.
        seqlen: tokens of each.
    """

    files: tuple[Made, ...]
    samples: int
    seqlen: int


@dataclass(frozen=True)
class Report:
    """Sizes are bytes of weights; `size16` is what the model takes at 16 bits, whatever it was stored in."""

    job: Job
    base: Made
    size: int
    size16: int
    after: int
    seconds: float
    calibration: Calibration
    versions: dict[str, str]
    checked: Checked | None = None

    @property
    def percent(self) -> float:
        """Size after, of the size at 16 bits."""
        return self.after / self.size16 * 100

    def to_json(self) -> dict[str, Any]:
        """As one JSON object."""
        job = self.job
        return {
            "model": str(job.model), "base_digest": self.base.digest, "backend": job.backend, "method": job.method,
            "bits": job.bits, "group_size": job.group_size, "device": job.device, "bytes_before": self.size,
            "bytes_before_16bit": self.size16, "bytes_after": self.after, "percent_of_16bit": round(self.percent, 2),
            "seconds": round(self.seconds, 1), "calibration": asdict(self.calibration), "versions": self.versions,
            "check": asdict(self.checked) if self.checked else None,
        }  # fmt: skip


def card(report: Report, name: str) -> str:
    """The model's README, in Markdown."""
    job, calibration = report.job, report.calibration
    files = "；".join(f"{made.name}（{made.digest}）" for made in calibration.files)
    rows = [
        ("底座", f"{report.base.name}（{report.base.digest}）"),
        ("量化", f"{job.scheme}，{report.versions['backend']}，在 {job.device} 上"),
        ("量化前", f"{_size(report.size)}（按 16 位存储是 {_size(report.size16)}）"),
        ("量化后", f"{_size(report.after)}，是 16 位的 {report.percent:.1f}%"),
        ("用时", f"{report.seconds:.0f} 秒"),
        ("校准文本", files),
        ("校准量", f"{calibration.samples} 段 × {calibration.seqlen} token，用模型自己的对话模板"),
        ("困惑度", _told(report.checked)),
        ("版本", "，".join(f"{name} {version}" for name, version in report.versions.items() if name != "backend")),
    ]
    table = "\n".join(f"| {name} | {value.replace('|', '∣')} |" for name, value in rows)
    serve = "lmdeploy serve api_server 本目录 --server-name 127.0.0.1" if job.for_turbomind else "vllm serve 本目录"
    return f"# {name}\n\n| | |\n|---|---|\n{table}\n\n{_USE.format(serve=serve)}"


def summary(report: Report) -> str:
    """What was done, in a line or two for the screen."""
    size = f"{report.job.scheme}：{_size(report.size16)}（16 位）→ {_size(report.after)}（{report.percent:.1f}%）"
    time = f"用时 {report.seconds:.0f} 秒，校准 {report.calibration.samples} 段 × {report.calibration.seqlen} token。"
    return f"{size}，{time}" + (f"\n困惑度：{_told(report.checked)}。" if report.checked else "")


def _told(checked: Checked | None) -> str:
    if checked is None:
        return "没有测（量化时加 --check 会测）"
    return (
        f"量化前 {checked.before:.3f}，量化后 {checked.after:.3f}（{checked.more:+.1f}%），"
        f"{checked.conversations} 段没有用来校准的文本，共 {checked.tokens} token"
    )


def _size(count: int) -> str:
    return f"{count / 1e9:.2f} GB" if count >= 1e8 else f"{count / 1e6:.2f} MB"


_USE = """嵌入层、输出层与归一化层保持 16 位，解码层里的矩阵按上面的位数。

推理要显卡：`{serve}`，再设 `TUTOR_CHAT_MODEL=openai:模型名`。
在没有显卡的机器上考它：用 `python -m finetune.quantize 本目录 --dequantize-to 新目录` 还原出同样数值的完整权重，
再运行 `TUTOR_CHAT_MODEL=local:新目录 python -m eval.exam`。
"""
