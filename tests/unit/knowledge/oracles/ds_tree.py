"""Traversals by sorting the nodes' ways; rebuilding by a stack, without splitting sequences."""


def _traversal(tree):
    # the node's own mark sorts before L, between L and R, or after R
    mark = {"pre": "A", "in": "M", "post": "Z"}[tree.asked]
    return "".join(label for _, label in sorted(tree.nodes, key=lambda node: node[0] + mark))


def _rebuild(problem):
    """Preorder + inorder → postorder with a stack; postorder + inorder is the mirror image of that problem."""
    mirrored = problem.given == "post"
    outer, inner = (problem.outer[::-1], problem.inner[::-1]) if mirrored else (problem.outer, problem.inner)
    children, stack, at = {c: ["", ""] for c in outer}, [outer[0]], 0
    for item in outer[1:]:
        parent, side = stack[-1], 0
        while stack and stack[-1] == inner[at]:
            parent, side, at = stack.pop(), 1, at + 1
        children[parent][side] = item
        stack.append(item)
    # root, right, left read backwards is left, right, root
    todo, out = [outer[0]], ""
    while todo:
        item = todo.pop()
        out += item
        todo += [c for c in children[item] if c]
    return out if mirrored else out[::-1]


ORACLES = {"ds-tree-traversal": _traversal, "ds-tree-rebuild": _rebuild}
