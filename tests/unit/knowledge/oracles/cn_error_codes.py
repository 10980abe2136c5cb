"""CRC as a sum of powers x^k modulo G; Hamming as the exclusive or of the places that hold a one."""

from functools import reduce
from operator import xor


def _crc(crc):
    degree, generator = len(crc.generator) - 1, int(crc.generator, 2)
    power, rest = 1, 0
    for k in range(len(crc.data) + degree):
        if k >= degree and crc.data[len(crc.data) + degree - 1 - k] == "1":
            rest ^= power
        power <<= 1
        if power >> degree & 1:
            power ^= generator
    return format(rest, f"0{degree}b")


def _hamming(problem):
    places = [i for i in range(1, 64) if i & (i - 1)][: len(problem.data)]
    ones = {i for i, bit in zip(places, problem.data, strict=True) if bit == "1"}
    checks = reduce(xor, ones, 0)
    word = ones | {1 << k for k in range(8) if checks >> k & 1}
    if problem.error:
        return f"第 {reduce(xor, word ^ {problem.error}, 0)} 位"
    return "".join("1" if i in word else "0" for i in range(1, places[-1] + 1))


ORACLES = {"cn-crc": _crc, "cn-hamming": _hamming}
