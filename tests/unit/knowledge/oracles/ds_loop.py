"""Loop counts by running the loops of the stem, translated literally."""


def _while(n, start, going, step):
    state, count = start, 0
    while going(state, n):
        state, count = step(state), count + 1
    return count


def _powers(n, k):
    i = 1
    while i <= n:
        yield i
        i *= k


_RUN = {
    "multiply": lambda n, k: _while(n, 1, lambda i, n: i <= n, lambda i: i * k),
    "triangle": lambda n, k: sum(1 for i in range(1, n + 1) for j in range(i, n + 1)),
    "below": lambda n, k: sum(1 for i in range(1, n) for j in range(1, i + 1)),
    "root": lambda n, k: _while(n, 0, lambda i, n: (i + 1) * (i + 1) <= n, lambda i: i + 1),
    "partial": lambda n, k: _while(n, (0, 0), lambda s, n: s[1] < n, lambda s: (s[0] + 1, s[1] + s[0] + 1)),
    "outer": lambda n, k: sum(1 for i in _powers(n, k) for j in range(1, n + 1)),
    "inner": lambda n, k: sum(1 for i in _powers(n, 2) for j in range(1, i + 1)),
    "triple": lambda n, k: sum(1 for i in range(1, n + 1) for j in range(1, i + 1) for m in range(1, j + 1)),
}

ORACLES = {"ds-loop-complexity": lambda loop: str(_RUN[loop.kind](loop.n, loop.k))}
