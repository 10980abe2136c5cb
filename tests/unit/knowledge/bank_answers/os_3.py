"""Answers of the bank's questions of chapter os.3, computed from their stems."""

from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import product

from tests.unit.knowledge.bank_answers.shared_os_1_to_3 import minus

Vec = tuple[int, ...]


@dataclass
class World:
    """Counting semaphores with first-come queues, and processes given as lists of operations such as "P s" or "V s"."""

    sems: dict[str, int]
    scripts: dict[str, list[str]]
    queues: dict[str, deque[str]] = field(default_factory=dict)
    blocked: dict[str, str] = field(default_factory=dict)
    output: list[str] = field(default_factory=list)
    wakeups: int = 0

    def step(self, proc: str) -> bool:
        """Run one operation; False if the process is blocked or at its end."""
        if proc in self.blocked or not self.scripts[proc]:
            return False
        verb, name = self.scripts[proc].pop(0).split()
        if verb == "P":
            self.sems[name] -= 1
            if self.sems[name] < 0:
                self.queues.setdefault(name, deque()).append(proc)
                self.blocked[proc] = name
        elif verb == "V":
            self.sems[name] += 1
            if self.sems[name] <= 0:
                del self.blocked[self.queues[name].popleft()]
                self.wakeups += 1
        else:
            self.output.append(name)
        return True

    def run(self, proc: str, steps: int = 1000) -> None:
        """Run until the process blocks, ends, or has done the given number of operations."""
        while steps and self.step(proc):
            steps -= 1

    def settle(self) -> None:
        """Run everyone until nobody can go on."""
        while sum(self.step(proc) for proc in self.scripts):
            pass


def _fits(need: Vec, free: Vec) -> bool:
    return all(n <= f for n, f in zip(need, free, strict=True))


def _plus(left: Vec, right: Vec) -> Vec:
    return tuple(a + b for a, b in zip(left, right, strict=True))


def _less(left: Vec, right: Vec) -> Vec:
    return tuple(a - b for a, b in zip(left, right, strict=True))


def _stuck(free: Vec, held: dict[str, Vec], need: dict[str, Vec]) -> list[str]:
    """Processes left over when everyone who can finish has finished and given back what it holds."""
    left = sorted(held)
    while able := [p for p in left if _fits(need[p], free)]:
        free = _plus(free, held[able[0]])
        left.remove(able[0])
    return left


def _is_safe_order(order: Iterable[str], free: Vec, held: dict[str, Vec], need: dict[str, Vec]) -> bool:
    for proc in order:
        if not _fits(need[proc], free):
            return False
        free = _plus(free, held[proc])
    return True


def _grantable(proc: str, ask: Vec, free: Vec, held: dict[str, Vec], need: dict[str, Vec]) -> bool:
    """The banker's decision on one request."""
    if not _fits(ask, need[proc]) or not _fits(ask, free):
        return False
    held, need = dict(held), dict(need)
    held[proc], need[proc] = _plus(held[proc], ask), _less(need[proc], ask)
    return not _stuck(_less(free, ask), held, need)


Peterson = tuple[int, int, int, int, int]


def _peterson_next(state: Peterson, i: int) -> Peterson:
    """One step of process i of the misprinted algorithm: pc 0 sets flag, 1 sets turn, 2 tests, 3 leaves."""
    pc, flag, turn = list(state[:2]), list(state[2:4]), state[4]
    j = 1 - i
    if pc[i] == 0:
        flag[i], pc[i] = 1, 1
    elif pc[i] == 1:
        turn, pc[i] = i, 2
    elif pc[i] == 2:
        pc[i] = 2 if flag[j] and turn == j else 3
    else:
        flag[i], pc[i] = 0, 0
    return (pc[0], pc[1], flag[0], flag[1], turn)


def _os_3_1_1() -> str:
    start: Peterson = (0, 0, 0, 0, 0)
    seen, todo = {start}, [start]
    while todo:
        state = todo.pop()
        for nxt in (_peterson_next(state, 0), _peterson_next(state, 1)):
            if nxt not in seen:
                seen.add(nxt)
                todo.append(nxt)
    alone, entries = start, 0
    for _ in range(8):
        alone = _peterson_next(alone, 0)
        entries += alone[0] == 3
    if any(s[:2] == (3, 3) for s in seen):
        return "P0在临界区内时P1也能进入，违反忙则等待"
    if any(s[:2] == (2, 2) and s == _peterson_next(s, 0) == _peterson_next(s, 1) for s in seen):
        return "两个进程都想进入时会一直互相等待，违反空闲让进"
    if entries < 2:
        return "P1未运行时P0不能连续两次进入，违反空闲让进"
    return "没有问题，仅把后写turn者等待改成了后写turn者先进入"


def _os_3_1_2() -> str:
    turn, wanted, entered = 0, [5, 2], [0, 0]
    while entered[turn] < wanted[turn]:
        entered[turn] += 1
        turn = 1 - turn
    return f"{entered[0]}次"


def _os_3_2_1() -> str:
    remaining, hold, blocking = 4, 6, 2 * 6
    spins = [remaining + i * hold for i in range(3)]
    return f"{sum(spin < blocking for spin in spins)}个"


def _os_3_3_1() -> str:
    scripts = {"A": ["P S", "V S"], "B": ["P S", "V S"], "C": ["P S", "V S"], "D": ["P S"], "E": ["P S"]}
    world = World({"S": 2}, scripts)
    for proc in "ABCADEBC":
        world.step(proc)
    return f"{world.wakeups}次，{world.sems['S']}"


def _os_3_3_2() -> str:
    scripts = {"P1": ["P m", "do +2", "V m", "V s"], "P2": ["P m", "do *3", "V m"], "P3": ["P s", "P m", "do -1", "V m"]}
    effects: dict[str, Callable[[int], int]] = {"+2": lambda x: x + 2, "*3": lambda x: x * 3, "-1": lambda x: x - 1}
    results: set[int] = set()
    for output in _outputs({"m": 1, "s": 0}, scripts):
        x = 1
        for effect in output:
            x = effects[effect](x)
        results.add(x)
    (answer,) = {2, 4, 6, 8} - results
    return str(answer)


def _outputs(sems: dict[str, int], scripts: dict[str, list[str]]) -> set[tuple[str, ...]]:
    """Outputs of every complete interleaving of the scripts."""
    found: set[tuple[str, ...]] = set()
    if not any(scripts.values()):
        found.add(())
    for proc, script in scripts.items():
        if not script:
            continue
        verb, name = script[0].split()
        if verb == "P" and sems[name] == 0:
            continue
        change = {"P": -1, "V": 1}.get(verb, 0)
        rest = _outputs(sems | ({name: sems[name] + change} if change else {}), scripts | {proc: script[1:]})
        found |= {(name, *tail) for tail in rest} if not change else rest
    return found


def _os_3_3_3() -> str:
    processes, initial, value, left = 9, 4, -1, 2
    (entered,) = [p for p in range(processes + 1) if initial - p + left == value]
    holding = entered - left - max(0, -value)
    return f"{holding}和{processes - entered}"


def _os_3_4_1() -> str:
    edges = [(1, 2), (1, 3), (2, 5), (3, 4), (3, 5), (4, 6), (5, 6)]
    times = dict(enumerate([3, 6, 2, 4, 3, 1], start=1))

    def end(node: int) -> int:
        return times[node] + max((end(a) for a, b in edges if b == node), default=0)

    return f"{len(edges)}个，{max(map(end, times))} ms"


def _os_3_4_2() -> str:
    pa, pb = ["P s1", "P s1", "print A", "V s2", "V s2"], ["P s2", "print B", "V s1"]
    goal = tuple("ABBABBABB")
    fitting: list[str] = []
    for s1, s2 in [(2, 1), (1, 0), (2, 0), (0, 2)]:
        prefixes = _prefixes({"s1": s1, "s2": s2}, pa, pb, len(goal))
        if prefixes == {goal}:
            fitting.append(f"{s1}和{s2}")
    (answer,) = fitting
    return answer


def _prefixes(sems: dict[str, int], pa: list[str], pb: list[str], length: int) -> set[tuple[str, ...]]:
    """All outputs of the given length (or shorter ones that cannot go on) of the two cyclic processes."""
    State = tuple[int, int, int, int, tuple[str, ...]]
    todo: list[State] = [(0, 0, sems["s1"], sems["s2"], ())]
    seen, ends = set(todo), set()
    while todo:
        a, b, s1, s2, out = todo.pop()
        moves: list[State] = []
        for who, script, at in (("a", pa, a), ("b", pb, b)):
            verb, name = script[at].split()
            value = {"s1": s1, "s2": s2}
            if verb == "P" and value[name] == 0:
                continue
            if verb != "print":
                value[name] += 1 if verb == "V" else -1
            after = (at + 1) % len(script)
            said = (*out, name) if verb == "print" else out
            moves.append((after if who == "a" else a, after if who == "b" else b, value["s1"], value["s2"], said))
        if not moves or len(out) == length:
            ends.add(out)
            continue
        todo += [m for m in moves if m not in seen]
        seen.update(moves)
    return ends


PUT = ["P empty", "P mutex", "put x", "V mutex", "V full"]


TAKE = ["P full", "P mutex", "take x", "V mutex", "V empty"]


def _os_3_5_1() -> str:
    values: set[int] = set()
    # Any number of complete puts and takes before the instant described; keep those that leave empty at 4.
    for puts, takes in product(range(11), repeat=2):
        world = World({"empty": 10, "full": 0, "mutex": 1}, {"put": PUT * puts, "take": TAKE * takes})
        world.settle()
        if world.blocked:
            continue
        world.scripts |= {"producer": list(PUT), "consumer": list(TAKE)}
        world.run("producer", steps=3)
        world.run("consumer")
        if world.sems["empty"] == 4 and world.blocked == {"consumer": "mutex"}:
            values.add(world.sems["full"])
    (full,) = values
    return str(full)


def _os_3_5_2() -> str:
    wrong = ["P mutex", "P empty", "put x", "V mutex", "V full"]
    world = World({"empty": 3, "full": 0, "mutex": 1}, {"producer": wrong * 9, "consumer": TAKE * 9})
    world.run("producer")
    world.run("consumer")
    return "、".join(minus(world.sems[name]) for name in ("empty", "full", "mutex"))


def _os_3_5_3() -> str:
    good = [(x, y) for x, y in product(range(1, 11), range(2, 11)) if not _bin_jams(x, y)]
    best = (max(x for x, _ in good), max(y for _, y in good))
    assert best in good  # both limits reach their maximum together
    return f"{best[0]}和{best[1]}"


def _bin_jams(x: int, y: int, size: int = 10) -> bool:
    """Can the bin, from empty, reach a state in which none of the three workers can go on?"""
    todo, seen = [(0, 0)], {(0, 0)}
    while todo:
        bolts, nuts = todo.pop()
        room = bolts + nuts < size
        moves = [(bolts + 1, nuts)] * (room and bolts < x) + [(bolts, nuts + 1)] * (room and nuts < y)
        moves += [(bolts - 1, nuts - 2)] * (bolts >= 1 and nuts >= 2)
        if not moves:
            return True
        todo += [m for m in moves if m not in seen]
        seen.update(moves)
    return False


def _os_3_6_1() -> str:
    people = [("R1", 0, 4), ("R2", 1, 6), ("W1", 2, 3), ("R3", 5, 4), ("W2", 6, 2)]
    w_free = readers_end = 0
    wait: dict[str, int] = {}
    for name, arrival, duration in people:  # semaphore w serves in order of arrival
        start = max(arrival, w_free)
        if name.startswith("R"):
            w_free, readers_end = start, max(readers_end, start + duration)
        else:
            start = max(start, readers_end)
            w_free = start + duration  # a writer keeps w until it has written
        wait[name] = start - arrival
    return f"{wait['R3']} ms和{wait['W2']} ms"


def _os_3_6_2() -> str:
    first, later = ["P w", "P mutex", "P rw", "V mutex", "V w"], ["P w", "P mutex", "V mutex", "V w"]
    scripts = {"R1": first, "R2": later, "R3": list(later), "W1": ["P w", "P rw"], "W2": ["P w", "P rw"], "R4": list(later)}
    world = World({"mutex": 1, "rw": 1, "w": 1}, scripts)
    for proc in list(scripts):
        world.run(proc)
    return f"{minus(world.sems['rw'])}和{minus(world.sems['w'])}"


def _os_3_7_1() -> str:
    n, meal = 7, 10
    stick: list[int | None] = [0, 1, 2, 3, 4, 5, None]  # who holds each chopstick
    room, outside, fed, now = 0, deque([6]), set[int](), 0
    while len(fed) < n:
        for i in range(n):
            if stick[i] is None and i not in fed and i not in outside:
                stick[i] = i
        eating = [i for i in range(n) if stick[i] == i and stick[(i + 1) % n] is None]
        now += meal
        for i in eating:
            fed.add(i)
            stick[i] = None
            room += 1
        while room and outside:
            outside.popleft()
            room -= 1
    return f"{now} min"


def _os_3_7_2() -> str:
    def meal(i: int) -> list[str]:
        left, right = f"c{i}", f"c{(i + 1) % 5}"
        return ["P mutex", f"P {left}", f"P {right}", "V mutex", f"eat {i}", f"V {left}", f"V {right}"]

    world = World({"mutex": 1} | {f"c{i}": 1 for i in range(5)}, {str(i): meal(i) for i in (0, 1, 3)})
    world.run("0", steps=5)
    world.run("1")
    world.run("3")
    where = dict(world.blocked)
    if "3" in world.output or "3" not in where:
        return "3号可以立即进餐，因为筷子3和筷子4都空闲"
    world.settle()
    if not world.blocked:
        stick = where["1"][1:]
        return f"3号阻塞在{where['3']}上，至少要等0号放下筷子{stick}之后才能进餐"
    if "0" in world.blocked:
        return "0号放筷子时需要mutex，而mutex被1号占有，系统已经死锁"
    return "1号和3号互相等待对方占有的资源，系统已经死锁"


def _os_3_8_2() -> str:
    def run(hoare: bool) -> str:
        entry, urgent, output = deque("R"), deque[str](), ""
        if hoare:  # the signaller steps aside for the one it woke
            urgent.append("P")
            inside = "Q"
        else:
            entry.append("Q")
            inside = "P"
        while inside:
            output += inside.lower()
            inside = urgent.popleft() if urgent else entry.popleft() if entry else ""
        return output

    return f"Hoare方式为{run(True)}，Mesa方式为{run(False)}"


def _can_deadlock(orders: Sequence[str]) -> bool:
    """Explore all interleavings of threads that take locks in the given orders and release them after the last one."""
    start = (0,) * len(orders)
    todo, seen = [start], {start}
    while todo:
        state = todo.pop()
        held = {lock for k, order in zip(state, orders, strict=True) if k < len(order) for lock in order[:k]}
        active = [i for i, order in enumerate(orders) if state[i] < len(order)]
        moves = [state[:i] + (state[i] + 1,) + state[i + 1 :] for i in active if orders[i][state[i]] not in held]
        if active and not moves:
            return True
        todo += [m for m in moves if m not in seen]
        seen.update(moves)
    return False


def _os_3_9_1() -> str:
    orders = {"T1": "abc", "T2": "cd", "T3": "da"}
    bad: list[str] = []
    for thread, order in [("T2", "dc"), ("T1", "bac"), ("T3", "ad"), ("T1", "cba")]:
        if _can_deadlock(list((orders | {thread: order}).values())):
            bad.append(f"把{thread}改为" + "".join(word + lock for word, lock in zip("先后再", order, strict=False)))
    (answer,) = bad
    return answer


def _os_3_10_1() -> str:
    most = {"P0": (6, 3, 6), "P1": (6, 1, 4), "P2": (3, 2, 3), "P3": (7, 5, 1)}
    held: dict[str, Vec] = {"P0": (2, 1, 3), "P1": (3, 1, 3), "P2": (1, 2, 1), "P3": (3, 1, 0)}
    need = {p: _less(most[p], held[p]) for p in most}
    offered = [("P2", "P1", "P3", "P0"), ("P1", "P2", "P0", "P3"), ("P2", "P0", "P1", "P3"), ("P2", "P3", "P1", "P0")]
    (answer,) = ["、".join(order) for order in offered if _is_safe_order(order, (2, 3, 2), held, need)]
    return answer


def _os_3_10_2() -> str:
    held: dict[str, Vec] = {"P0": (3, 1, 3), "P1": (1, 3, 0), "P2": (0, 3, 3), "P3": (3, 3, 2)}
    need: dict[str, Vec] = {"P0": (4, 4, 3), "P1": (0, 4, 0), "P2": (1, 1, 0), "P3": (4, 1, 1)}
    offered: list[tuple[str, Vec]] = [("P3", (3, 0, 0)), ("P1", (0, 2, 0)), ("P3", (2, 1, 0)), ("P0", (0, 2, 0))]
    (answer,) = [f"{p}请求({','.join(map(str, ask))})" for p, ask in offered if _grantable(p, ask, (3, 2, 3), held, need)]
    return answer


def _os_3_10_3() -> str:
    held: dict[str, Vec] = {"P1": (2,), "P2": (1,), "P3": (3,), "P4": (2,)}
    need: dict[str, Vec] = {"P1": (4,), "P2": (2,), "P3": (7,), "P4": (9,)}
    return str(min(free for free in range(20) if not _stuck((free,), held, need)))


def _os_3_11_1() -> str:
    held: dict[str, Vec] = {"P1": (0, 1), "P2": (1, 0), "P3": (2, 0), "P4": (0, 1), "P5": (1, 1)}
    need: dict[str, Vec] = {"P1": (0, 1), "P2": (0, 2), "P3": (1, 3), "P4": (2, 0), "P5": (2, 1)}
    return "、".join(_stuck((0, 1), held, need))


def _os_3_11_2() -> str:
    holds = {"P1": "a", "P2": "b", "P3": "cd", "P4": "f", "P5": "e"}
    waits = {"P1": "b", "P2": "c", "P3": "ae", "P4": "d", "P5": "f"}

    def vector(names: str) -> Vec:
        return tuple(names.count(resource) for resource in "abcdef")

    killers: list[str] = []
    for victim, names in holds.items():
        held = {p: vector(r) for p, r in holds.items() if p != victim}
        free = vector(names)  # all six instances were held
        if not _stuck(free, held, {p: vector(r) for p, r in waits.items()}):
            killers.append(victim)
    (answer,) = killers
    return answer


def _os_3_12_1() -> str:
    total = 18

    def safe(extra: int) -> bool:
        # Worst case: every process holds all but one of its units; one more unit lets somebody finish.
        return sum(n - 1 for n in [5] * 3 + [3] * extra) < total

    return f"{max(n for n in range(total) if safe(n))}个"


def _os_3_12_2() -> str:
    inside, need = min(5, 3), 4  # at most three of the five processes ask at the same time
    return str(min(r for r in range(need, 99) if inside * (need - 1) < r))


ANSWERS: dict[str, Callable[[], str]] = {
    "os.3.1-1": _os_3_1_1,
    "os.3.1-2": _os_3_1_2,
    "os.3.2-1": _os_3_2_1,
    "os.3.3-1": _os_3_3_1,
    "os.3.3-2": _os_3_3_2,
    "os.3.3-3": _os_3_3_3,
    "os.3.4-1": _os_3_4_1,
    "os.3.4-2": _os_3_4_2,
    "os.3.5-1": _os_3_5_1,
    "os.3.5-2": _os_3_5_2,
    "os.3.5-3": _os_3_5_3,
    "os.3.6-1": _os_3_6_1,
    "os.3.6-2": _os_3_6_2,
    "os.3.7-1": _os_3_7_1,
    "os.3.7-2": _os_3_7_2,
    "os.3.8-2": _os_3_8_2,
    "os.3.9-1": _os_3_9_1,
    "os.3.10-1": _os_3_10_1,
    "os.3.10-2": _os_3_10_2,
    "os.3.10-3": _os_3_10_3,
    "os.3.11-1": _os_3_11_1,
    "os.3.11-2": _os_3_11_2,
    "os.3.12-1": _os_3_12_1,
    "os.3.12-2": _os_3_12_2,
}
