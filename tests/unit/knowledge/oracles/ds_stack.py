"""Pop sequences by listing all of them; postfix by Python's own parser."""

import ast
from functools import cache

_OPERATORS = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/"}


@cache
def _all_pops(waiting, stack=""):
    if not waiting and not stack:
        return frozenset([""])
    found = set()
    if waiting:
        found |= _all_pops(waiting[1:], stack + waiting[0])
    if stack:
        found |= {stack[-1] + rest for rest in _all_pops(waiting, stack[:-1])}
    return frozenset(found)


def _pops(problem):
    (odd,) = [c for c in problem.candidates if (c in _all_pops(problem.items)) == problem.legal]
    return odd


def _postfix(node):
    if isinstance(node, ast.Name):
        return node.id
    return _postfix(node.left) + _postfix(node.right) + _OPERATORS[type(node.op)]


ORACLES = {
    "ds-stack-permutation": _pops,
    "ds-postfix": lambda text: _postfix(ast.parse(text, mode="eval").body),
}
