"""BST depths from who is whose ancestor; AVL trees by rebuilding three nodes and four subtrees in order."""

from fractions import Fraction


def _bst(keys):
    # a is an ancestor of b (or b itself) if no key between them came before a
    total = sum(all(min(a, b) > k or k > max(a, b) for k in keys[:i]) for i, a in enumerate(keys) for b in keys[i:])
    return str(Fraction(total, len(keys)))


def _height(tree):
    return 1 + max(_height(tree[1]), _height(tree[2])) if tree else 0


def _path(tree, key):
    """The subtrees from the root down to the key."""
    path = [tree]
    while tree[0] != key:
        tree = tree[1] if key < tree[0] else tree[2]
        path.append(tree)
    return path


def _put(tree, key, subtree):
    """The tree with the subtree in the place where the key belongs; it replaces what had this key at its root."""
    if not tree or tree[0] == key:
        return subtree
    root, left, right = tree
    return (root, _put(left, key, subtree), right) if key < root else (root, left, _put(right, key, subtree))


def _restructure(tree, key):
    path = _path(tree, key)
    for depth in range(len(path) - 1, -1, -1):
        if abs(_height(path[depth][1]) - _height(path[depth][2])) > 1:
            three = path[depth : depth + 3]
            a, b, c = sorted(node[0] for node in three)
            hanging = [child for node in three for child in node[1:] if child not in three]
            # the four hanging subtrees in order: by their keys, empty ones where no key lies between
            slots = [None] * 4
            for child in hanging:
                if child:
                    slots[(child[0] > a) + (child[0] > b) + (child[0] > c)] = child
            t0, t1, t2, t3 = slots
            return _put(tree, path[depth][0], (b, (a, t0, t1), (c, t2, t3)))
    return tree


def _preorder(tree):
    return [tree[0], *_preorder(tree[1]), *_preorder(tree[2])] if tree else []


def _avl(keys):
    tree = None
    for key in keys:
        tree = _restructure(_put(tree, key, (key, None, None)), key)
    return ", ".join(map(str, _preorder(tree)))


ORACLES = {"ds-bst-insert": _bst, "ds-avl-insert": _avl}
