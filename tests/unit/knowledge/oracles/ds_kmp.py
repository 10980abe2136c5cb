"""next and nextval from their definitions, by trying every k."""


def _table(text, differing):
    values = [0]
    for j in range(2, len(text) + 1):
        fits = [k for k in range(1, j) if text[: k - 1] == text[j - k : j - 1] and not (differing and text[k - 1] == text[j - 1])]
        values.append(max(fits, default=0))
    return ", ".join(map(str, values))


ORACLES = {
    "ds-kmp-next": lambda text: _table(text, differing=False),
    "ds-kmp-nextval": lambda text: _table(text, differing=True),
}
