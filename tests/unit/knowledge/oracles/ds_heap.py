"""Heaps as nested trees: both subtrees become heaps first, then the root is pushed in by recursion."""


def _tree(items, at=0):
    return (items[at], _tree(items, 2 * at + 1), _tree(items, 2 * at + 2)) if at < len(items) else None


def _push(root, left, right, best):
    """A heap of a root above two heaps."""
    top = best(t[0] for t in ((root,), left, right) if t)
    if top == root:
        return (root, left, right)
    if left and left[0] == top:
        return (top, _push(root, left[1], left[2], best), right)
    return (top, left, _push(root, right[1], right[2], best))


def _heapify(tree, best):
    if tree is None:
        return None
    return _push(tree[0], _heapify(tree[1], best), _heapify(tree[2], best), best)


def _levels(tree):
    row, out = [tree], []
    while row:
        out += [t[0] for t in row]
        row = [c for t in row for c in t[1:] if c]
    return ", ".join(map(str, out))


def _build(heap):
    return _levels(_heapify(_tree(heap.items), max if heap.largest else min))


def _delete(heap):
    tree = _tree(heap.items[:-1])
    return _levels(_push(heap.items[-1], tree[1], tree[2], max if heap.largest else min))


ORACLES = {"ds-heap-build": _build, "ds-heap-delete": _delete}
