"""The congestion window of TCP: slow start, congestion avoidance, fast recovery."""

from __future__ import annotations

import random
from dataclasses import dataclass

from knowledge.generators.family import Family, Solution

__all__ = ["FAMILIES"]


@dataclass(frozen=True)
class Loss:
    """Size of a segment in KB, window in segments when the loss shows, rounds after it, the receiver's window in segments (0: large)."""

    mss: int
    window: int
    rounds: int
    receiver: int


def _rounds(start: int, threshold: int, n: int) -> list[int]:
    """The window after 0, 1, … n rounds."""
    windows = [start]
    for _ in range(n):
        now = windows[-1]
        windows.append(min(2 * now, threshold) if now < threshold else now + 1)
    return windows


def _limit(loss: Loss, window: int) -> int:
    return min(window, loss.receiver) if loss.receiver else window


def _sample_timeout(rng: random.Random, difficulty: int) -> Loss:
    windows = ((16, 8, 32), (16, 20, 24, 32), (12, 18, 20, 24, 40), (20, 24, 28, 36, 40), (22, 26, 36, 44, 48))[difficulty - 1]
    window = rng.choice(windows)
    # The last round lies about the threshold, where the two growths meet.
    rounds = (window // 2 - 1).bit_length() + rng.choice((0, 1, 2, 3) if difficulty < 3 else (1, 2, 3, 4))
    after = _rounds(1, window // 2, rounds)[-1]
    receiver = after - rng.choice((1, 2)) if difficulty == 5 and rng.random() < 0.5 else 0
    return Loss(rng.choice((1, 2, 4)), window, rounds, receiver)


def _ask(loss: Loss, event: str) -> str:
    receiver = f"此后接收窗口一直为 {loss.receiver * loss.mss} KB，" if loss.receiver else "接收窗口足够大，"
    return (
        f"某 TCP 连接的最大报文段长度 MSS 为 {loss.mss} KB，{event}{receiver}"
        f"接下来 {loss.rounds} 个 RTT 内发送的报文段都按时得到确认，则这 {loss.rounds} 个 RTT 之后"
        f"{'发送窗口' if loss.receiver else '拥塞窗口'}的大小为"
    )


def _ask_timeout(loss: Loss) -> str:
    return _ask(
        loss,
        f"拥塞窗口为 {loss.window * loss.mss} KB 时发生超时，此后从拥塞窗口为 1 个 MSS 开始慢开始"
        "（若加倍后超过慢开始门限，则取门限值；到达门限后每个 RTT 增加 1 个 MSS）。",
    )


def _growth(loss: Loss, windows: list[int]) -> str:
    sizes = " → ".join(str(w * loss.mss) for w in windows)
    tail = (
        f"发送窗口取拥塞窗口与接收窗口的较小者，即 min({windows[-1] * loss.mss}, {loss.receiver * loss.mss}) KB，"
        if loss.receiver
        else ""
    )
    return f"拥塞窗口（KB）依次为 {sizes}，即第 {loss.rounds} 个 RTT 之后是 {windows[-1] * loss.mss} KB。{tail}"


def _solution(loss: Loss, windows: list[int], wrong: list[int], rule: str) -> Solution:
    answer = f"{_limit(loss, windows[-1]) * loss.mss} KB"
    text = f"{rule}{_growth(loss, windows)}" + (f"所以发送窗口是 {answer}。" if loss.receiver else "")
    return Solution(answer, [f"{w * loss.mss} KB" for w in wrong if w > 0], text)


def _solve_timeout(loss: Loss) -> Solution:
    threshold = loss.window // 2
    windows = _rounds(1, threshold, loss.rounds)
    late, whole = _rounds(1, threshold, loss.rounds - 1)[-1], _rounds(1, loss.window, loss.rounds)[-1]
    recovery = threshold + loss.rounds
    rule = (
        f"超时后慢开始门限减为当时拥塞窗口的一半：{loss.window * loss.mss} ÷ 2 = {threshold * loss.mss} KB，拥塞窗口重设为 1 个 MSS = {loss.mss} KB。"
        f"小于门限时每个 RTT 加倍，到达门限后每个 RTT 加 {loss.mss} KB。"
    )
    beyond = _rounds(1, threshold, loss.rounds + 1)[-1]
    doubled = 2 * windows[-1] if windows[-1] < loss.window else windows[-1] + 2
    # A round too few or too many; growth by doubling only; fast recovery; the threshold not halved
    quarter = _rounds(1, threshold // 2, loss.rounds)[-1]  # halved twice
    wrong = [beyond, late, recovery, quarter, whole, doubled, windows[-1] - 1, windows[-1] + 1, 2**loss.rounds, threshold - 1]
    if loss.receiver:
        wrong = [windows[-1], recovery, loss.receiver + 1, late, loss.receiver - 1, loss.receiver // 2, loss.receiver - 2]
    return _solution(loss, windows, wrong, rule)


def _sample_recovery(rng: random.Random, difficulty: int) -> Loss:
    window = rng.choice(range(8, 25, 4) if difficulty <= 2 else range(16, 49, 2))
    rounds = rng.randrange(2, 4 + difficulty)
    after = window // 2 + rounds
    receiver = after - rng.choice((1, 2)) if difficulty >= 4 and rng.random() < 0.5 else 0
    return Loss(rng.choice((1, 2, 4)), window, rounds, receiver)


def _ask_recovery(loss: Loss) -> str:
    return _ask(
        loss,
        f"拥塞窗口为 {loss.window * loss.mss} KB 时发送方连续收到 3 个重复的确认，执行快重传与快恢复"
        "（拥塞窗口直接设为新的慢开始门限值，随后执行拥塞避免）。",
    )


def _solve_recovery(loss: Loss) -> Solution:
    threshold = loss.window // 2
    windows = _rounds(threshold, threshold, loss.rounds)
    tahoe, unhalved = _rounds(1, threshold, loss.rounds)[-1], loss.window + loss.rounds
    rule = (
        f"3 个重复确认说明个别报文段丢失而网络仍能送达，快恢复把门限与拥塞窗口都设为 {loss.window * loss.mss} ÷ 2 = {threshold * loss.mss} KB，"
        f"不从 1 个 MSS 慢开始（那样会得到 {tahoe * loss.mss} KB），此后每个 RTT 加 {loss.mss} KB。"
    )
    wrong = [tahoe, windows[-2], unhalved, windows[-1] + 1, threshold * 2, windows[-1] + 2, windows[-1] - 2]
    if loss.receiver:
        wrong = [windows[-1], tahoe, unhalved, loss.receiver + 1, loss.receiver - 1, loss.receiver - 2]
    return _solution(loss, windows, wrong, rule)


FAMILIES = [
    Family("cn-congestion-window", "超时后的拥塞窗口", "cn", ("cn.5.9",), _sample_timeout, _ask_timeout, _solve_timeout),
    Family("cn-fast-recovery", "快恢复后的拥塞窗口", "cn", ("cn.5.10",), _sample_recovery, _ask_recovery, _solve_recovery),
]
