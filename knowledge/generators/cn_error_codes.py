"""Error codes of the link layer: the CRC remainder and the Hamming code."""

from __future__ import annotations

import random
from dataclasses import dataclass

from knowledge.generators.family import Family, Solution

__all__ = ["FAMILIES"]

_GENERATORS = {3: ("1011", "1101"), 4: ("10011", "11001", "11101", "10111"), 5: ("100101", "110101", "101001", "101111")}


@dataclass(frozen=True)
class Crc:
    """Data bits and the generator's coefficients, highest power first."""

    data: str
    generator: str


@dataclass(frozen=True)
class Hamming:
    """Data bits, and the place of the flipped bit (0: the code word itself is asked for)."""

    data: str
    error: int


def _bits(rng: random.Random, n: int) -> str:
    return "1" + "".join(rng.choice("01") for _ in range(n - 1))


def _sample_crc(rng: random.Random, difficulty: int) -> Crc:
    degree = (3, 3, 4, 4, 5)[difficulty - 1]
    while True:
        crc = Crc(_bits(rng, (6, 7, 8, 10, 11)[difficulty - 1]), rng.choice(_GENERATORS[degree]))
        if "1" in _divide(crc.data + "0" * degree, crc.generator)[0]:
            return crc


def _divide(dividend: str, generator: str) -> tuple[str, list[str], str]:
    """Remainder, the subtractions in words, and the quotient, by long division modulo 2."""
    bits, degree, steps, quotient = [int(b) for b in dividend], len(generator) - 1, [], ""
    for i in range(len(bits) - degree):
        quotient += str(bits[i])
        if not bits[i]:
            continue
        before = "".join(map(str, bits[i : i + degree + 1]))
        for j, g in enumerate(generator):
            bits[i + j] ^= int(g)
        steps.append(f"{before} ⊕ {generator} = {''.join(map(str, bits[i : i + degree + 1]))}")
    return "".join(map(str, bits[-degree:])), steps, quotient


def _polynomial(generator: str) -> str:
    degree = len(generator) - 1
    powers = [degree - i for i, g in enumerate(generator) if g == "1"]
    return " + ".join({0: "1", 1: "x"}.get(p, f"x^{p}") for p in powers)


def _ask_crc(crc: Crc) -> str:
    return (
        f"采用 CRC 校验，生成多项式为 G(x) = {_polynomial(crc.generator)}，待发送的数据为 {crc.data}（先发左边的位），"
        "则附加在数据之后的校验码（帧检验序列 FCS）是"
    )


def _solve_crc(crc: Crc) -> Solution:
    degree = len(crc.generator) - 1
    answer, steps, quotient = _divide(crc.data + "0" * degree, crc.generator)
    no_zeros, too_many = _divide(crc.data, crc.generator)[0], _divide(crc.data + "0" * (degree + 1), crc.generator)[0]
    inverted = "".join("10"[int(b)] for b in answer)
    # A careless division may by chance leave the right remainder; then there is nothing to warn of.
    slips = ((no_zeros, "不补 0 直接去除"), (too_many, f"按除数的位数补 {degree + 1} 个 0"))
    warning = "".join(f"若{slip}，会错得 {wrong}。" for wrong, slip in slips if wrong != answer)
    text = (
        f"G(x) 的系数为 {crc.generator}，最高次幂 r = {degree}，因此先在数据后补 {degree} 个 0，得 {crc.data + '0' * degree}，"
        f"再用 {crc.generator} 作模 2 除法（减法即异或）。首位为 1 时依次异或：{'；'.join(steps)}。"
        f"商为 {quotient}，余数取 {degree} 位，即校验码为 {answer}，实际发送 {crc.data + answer}。"
        f"{warning}"
    )
    return Solution(answer, [no_zeros, too_many, quotient[-degree:], inverted, answer[::-1]], text)


def _sample_hamming(rng: random.Random, difficulty: int) -> Hamming:
    data = _bits(rng, (4, 6, 4, 7, 8)[difficulty - 1])
    n = len(_encode(data))
    return Hamming(data, 0 if difficulty <= 2 else rng.randrange(3, n + 1))


def _encode(data: str, odd: int = 0) -> str:
    """The code word with even (or odd) parity; places count from 1 on the left, check bits at powers of two."""
    word, rest, place = {0: "0"}, list(data), 1
    while rest:
        word[place] = "0" if place & (place - 1) == 0 else rest.pop(0)
        place += 1
    check = 1
    while check < place:
        ones = sum(word[i] == "1" for i in range(1, place) if i & check)
        word[check] = str((ones + odd) % 2)
        check *= 2
    return "".join(word[i] for i in range(1, place))


def _flip(word: str, place: int) -> str:
    return "".join("10"[int(b)] if i == place else b for i, b in enumerate(word, 1))


def _ask_hamming(problem: Hamming) -> str:
    rule = "码位从左到右编号为 1、2、3……，校验位放在编号为 2 的幂的位置，其余位置依次放数据位，各校验组均采用偶校验"
    if not problem.error:
        return f"对数据 {problem.data} 作海明编码（可纠正 1 位错）：{rule}。所得的海明码是"
    return f"某海明码的{rule}。接收方收到 {_flip(_encode(problem.data), problem.error)}，已知恰有 1 位出错，则出错的位置是"


def _groups(word: str) -> list[tuple[int, list[int], int]]:
    """For each check bit: its place, its group's places, and the number of ones among them."""
    checks = [1 << k for k in range(len(word).bit_length())]
    groups = [(c, [i for i in range(1, len(word) + 1) if i & c]) for c in checks]
    return [(c, places, sum(word[i - 1] == "1" for i in places)) for c, places in groups]


def _solve_encode(problem: Hamming) -> Solution:
    word, data = _encode(problem.data), problem.data
    groups = _groups(word)
    checks = "".join(word[c - 1] for c, _, _ in groups)
    lines = [
        f"第 {c} 位校验第 {'、'.join(map(str, places))} 位，数据位中有 {ones - int(word[c - 1])} 个 1，故第 {c} 位取 {word[c - 1]}"
        for c, places, ones in groups
    ]
    reversed_checks, rest = word, checks[::-1]
    for (c, _, _), bit in zip(groups, rest, strict=True):
        reversed_checks = reversed_checks[: c - 1] + bit + reversed_checks[c:]
    first_wrong = _flip(word, 1)
    text = (
        f"数据有 {len(data)} 位，需要 {len(groups)} 个校验位（2^{len(groups)} ≥ {len(data)} + {len(groups)} + 1），码长 {len(word)}。"
        f"{'；'.join(lines)}。依次排列得 {word}。若误用奇校验会得到 {_encode(data, 1)}，若把校验位都接在数据之后会得到 {data + checks}。"
    )
    return Solution(word, [_encode(data, 1), data + checks, checks + data, reversed_checks, first_wrong], text)


def _solve_hamming(problem: Hamming) -> Solution:
    if not problem.error:
        return _solve_encode(problem)
    word = _flip(_encode(problem.data), problem.error)
    groups, n = _groups(word), len(word)
    bits = [ones % 2 for _, _, ones in groups]
    place = sum(c for (c, _, _), bit in zip(groups, bits, strict=True) if bit)
    backwards = int("".join(map(str, bits)), 2)
    data_places = [i for i in range(1, n + 1) if i & (i - 1)]
    others = [backwards, n + 1 - place, data_places.index(place) + 1 if place in data_places else place - 1, place - 1, place + 1]
    lines = [
        f"第 {'、'.join(map(str, places))} 位共有 {ones} 个 1，S{k} = {ones % 2}" for k, (_, places, ones) in enumerate(groups, 1)
    ]
    syndrome = "".join(map(str, bits[::-1]))
    text = (
        f"码长 {n}，逐组检查偶校验：{'；'.join(lines)}。指误字为 S{len(groups)}…S1 = {syndrome}，即十进制的 {place}，"
        f"所以第 {place} 位出错，把它取反即可纠正。注意 S1 是指误字的最低位，码位从左边数起。"
    )
    return Solution(f"第 {place} 位", [f"第 {o} 位" for o in others if 1 <= o <= n], text)


FAMILIES = [
    Family("cn-crc", "CRC 校验码的计算", "cn", ("cn.3.2",), _sample_crc, _ask_crc, _solve_crc),
    Family("cn-hamming", "海明码的编码与纠错", "cn", ("cn.3.3",), _sample_hamming, _ask_hamming, _solve_hamming),
]
