"""Answers of the bank's questions of chapter cn.5, computed from their stems."""

from collections.abc import Callable, Iterable
from fractions import Fraction
from itertools import pairwise
from math import ceil

from tests.unit.knowledge.bank_answers.shared_cn_4_to_6 import IP_HEADER, fragment, ones_sum

UDP_HEADER = 8


def _cn_5_2_1() -> str:
    return f"0x{0xFFFF - ones_sum([0x8A3C, 0x95F1, 0x4D02, 0x001E]):04X}"


def _cn_5_2_2() -> str:
    _, size, _ = fragment([(0, 2000 + UDP_HEADER, 0)], 1500)[1]
    return f"{size + IP_HEADER} B"


def _cn_5_3_1() -> str:
    header = bytes.fromhex("1F90 C350 0000 2710 0000 4E21 6012 1000")
    length = (header[12] >> 4) * 4
    syn, ack, fin = (bool(header[13] & bit) for bit in (0x02, 0x10, 0x01))
    if syn:
        role = "第二次握手" if ack else "第一次握手"
    else:
        assert fin
        role = "请求释放连接"
    return f"首部长度为{length} B，是{role}的报文段"


def _cn_5_3_2() -> str:
    return str(ceil(100000 / (1500 - IP_HEADER - 32)))


def _cn_5_4_1() -> str:
    client, server = 2047, 9000
    client += 1  # SYN takes a number
    server += 1
    client += 120
    return f"{server}，{client}"


def _cn_5_4_3() -> str:
    one_way = Fraction(60, 2)
    syn_sent = 1000
    client = syn_sent + 2 * one_way
    server = client + one_way
    return "，".join(f"{float(moment) / 1000:g} s" for moment in (client, server))


def _cn_5_5_1() -> str:
    a_next = 1201 + 80 + 1  # the data, then FIN
    b_next = 5001 + 300 + 1
    return f"{a_next}，{b_next}"


def _acks(expected: int, arrivals: Iterable[tuple[int, int]]) -> list[int]:
    """The cumulative acknowledgement after each arriving (seq, length); what is out of order is kept."""
    kept: dict[int, int] = {}
    result: list[int] = []
    for seq, length in arrivals:
        kept[seq] = length
        while expected in kept:
            expected += kept.pop(expected)
        result.append(expected)
    return result


def _cn_5_6_1() -> str:
    return "、".join(map(str, _acks(500, [(seq, 200) for seq in (500, 900, 700, 1300)])))


def _cn_5_6_2() -> str:
    sent = [(1000, 400), (1400, 600)]
    received_ack = _acks(1000, sent)[-1]
    names = ("第一个", "第二个")
    again = [name for name, (seq, length) in zip(names, sent, strict=True) if seq + length > received_ack]
    action = f"重传{'和'.join(again)}报文段" if again else "不重传任何报文段"
    return f"{action}，下一个数据报文段的seq为{max(seq + length for seq, length in sent)}"


def _cn_5_6_3() -> str:
    a_seq, b_seq = 301, 901
    a_seq += 100
    b_seq += 200
    return f"{a_seq}，{b_seq}"


def _cn_5_7_1() -> str:
    smoothed, deviation, sample = Fraction(80), Fraction(40), 120
    deviation = Fraction(3, 4) * deviation + Fraction(1, 4) * abs(smoothed - sample)
    smoothed = Fraction(7, 8) * smoothed + Fraction(1, 8) * sample
    return f"{float(smoothed + 4 * deviation):g} ms"


def _cn_5_7_2() -> str:
    smoothed, timeout, retransmissions = 200, 300, 2
    # Karn: the round trip of a retransmitted segment is not a sample, so the smoothed value stays.
    return f"{timeout * 2**retransmissions} ms，{smoothed} ms"


def _cn_5_8_1() -> str:
    buffer, in_order_to, read_to, sent_to, cwnd = 8000, 5000, 3200, 7000, 4000
    rwnd = buffer - (in_order_to - read_to)
    return str(min(rwnd, cwnd) - (sent_to - in_order_to))


def _windows(ssthresh: Fraction, rounds: int, timeouts: set[int], triples: set[int]) -> tuple[list[Fraction], Fraction]:
    """cwnd of rounds 1 to `rounds` in MSS, and the last ssthresh."""
    cwnd = Fraction(1)
    series: list[Fraction] = []
    for number in range(1, rounds + 1):
        series.append(cwnd)
        if number in timeouts:
            ssthresh, cwnd = cwnd / 2, Fraction(1)
        elif number in triples:
            ssthresh = cwnd = cwnd / 2
        else:
            cwnd = min(2 * cwnd, ssthresh) if cwnd < ssthresh else cwnd + 1
    return series, ssthresh


def _cn_5_9_1() -> str:
    mss = 2
    series, _ = _windows(Fraction(24, mss), 12, {7}, set())
    return f"{series[-1] * mss} KB"


def _cn_5_9_2() -> str:
    left, rwnd = 40, 10
    series, _ = _windows(Fraction(64), left, set(), set())
    for number, cwnd in enumerate(series, 1):
        left -= min(int(cwnd), rwnd)
        if left <= 0:
            return str(number)
    raise AssertionError("not finished")


def _cn_5_10_1() -> str:
    series, _ = _windows(Fraction(16), 16, {11}, {7})
    return str(series[-1])


def _cn_5_10_2() -> str:
    lost = {2, 5}
    arrived = [number for number in range(1, 9) if number not in lost]
    acks = _acks(1, [(number, 1) for number in [*arrived, 2]])
    duplicates = [arrived[i] for i in range(1, len(arrived)) if acks[i] == acks[i - 1]]
    return f"M{duplicates[2]}，M{acks[-1]}"


def _cn_5_10_3() -> str:
    observed = [12, 13, 14, 7, 8, 9, 10, 1, 2, 4, 5, 6]
    event, ssthresh = "", 0
    for before, after in pairwise(observed):
        if after == 1:
            ssthresh = before // 2
        elif after < before:
            ssthresh = after
        if (before, after) == (14, 7):
            event = "收到3个冗余ACK" if after == before // 2 else "重传计时器超时"
    return f"{event}，{ssthresh}"


ANSWERS: dict[str, Callable[[], str]] = {
    "cn.5.2-1": _cn_5_2_1,
    "cn.5.2-2": _cn_5_2_2,
    "cn.5.3-1": _cn_5_3_1,
    "cn.5.3-2": _cn_5_3_2,
    "cn.5.4-1": _cn_5_4_1,
    "cn.5.4-3": _cn_5_4_3,
    "cn.5.5-1": _cn_5_5_1,
    "cn.5.6-1": _cn_5_6_1,
    "cn.5.6-2": _cn_5_6_2,
    "cn.5.6-3": _cn_5_6_3,
    "cn.5.7-1": _cn_5_7_1,
    "cn.5.7-2": _cn_5_7_2,
    "cn.5.8-1": _cn_5_8_1,
    "cn.5.9-1": _cn_5_9_1,
    "cn.5.9-2": _cn_5_9_2,
    "cn.5.10-1": _cn_5_10_1,
    "cn.5.10-2": _cn_5_10_2,
    "cn.5.10-3": _cn_5_10_3,
}
