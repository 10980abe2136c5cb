"""A semaphore simulated operation by operation."""


def _operations(problem):
    value, waiting = problem.initial, 0
    for operation in "P" * problem.p + "V" * problem.v:
        if operation == "P":
            value -= 1
            waiting += value < 0
        else:
            value += 1
            waiting -= value <= 0
    return value, waiting


def _value(problem):
    if problem.question == "range":
        values = [problem.initial]
        for _process in range(problem.p):
            values.append(values[-1] - 1)
        return f"{min(values)}～{max(values)}"
    value, waiting = _operations(problem)
    return f"信号量为 {value}，{waiting} 个进程阻塞"


ORACLES = {"os-semaphore-value": _value}
