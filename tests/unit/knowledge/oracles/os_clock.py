"""CLOCK as a queue with a second chance; the working set by the time of each page's last use."""

from collections import deque


def _clock(problem):
    queue, used, victim = deque(), {}, None
    for page in problem.pages:
        victim = None
        if page in used:
            used[page] = True
            continue
        if len(queue) == problem.frames:
            while used[queue[0]]:
                used[queue[0]] = False
                queue.rotate(-1)
            victim = queue.popleft()
            del used[victim]
        queue.append(page)
        used[page] = True
    return f"页 {victim}"


def _working_set(problem):
    last = {page: time for time, page in enumerate(problem.pages, 1) if time <= problem.time}
    return f"{{{', '.join(str(p) for p in sorted(last) if problem.time - last[p] < problem.size)}}}"


ORACLES = {"os-page-clock": _clock, "os-working-set": _working_set}
