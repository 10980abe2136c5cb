"""A partition from which items lie on the wrong side; Shell passes by sorting slices."""


def _quick(items):
    """The holes on the left are filled by the small items beyond the pivot's place, from the right end on."""
    pivot, k, out = items[0], sum(item < items[0] for item in items), list(items)
    big = [i for i in range(1, k + 1) if items[i] > pivot]
    small = [i for i in range(len(items) - 1, k - 1, -1) if items[i] < pivot]
    for source, target in zip(small, [0, *big], strict=False):
        out[target] = items[source]
    for source, target in zip(big, small, strict=False):
        out[target] = items[source]
    out[k] = pivot
    return ", ".join(map(str, out))


def _shell(shell):
    items = list(shell.items)
    for gap in shell.gaps:
        for start in range(gap):
            items[start::gap] = sorted(items[start::gap])
    return ", ".join(map(str, items))


ORACLES = {"ds-quicksort-pass": _quick, "ds-shell-pass": _shell}
