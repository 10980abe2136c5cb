"""Translation by searching every physical address that the valid entries cover."""


def _translate(p):
    found = []
    for entry in p.entries:
        first = (entry.tag * p.groups + entry.group) * p.page  # the first virtual address of the entry's page
        if entry.valid and first <= p.address < first + p.page:
            found.append(entry.frame * p.page + p.address - first)
    assert len(found) == 1
    return f"{found[0]:0{p.physical_bits // 4}X}H"


ORACLES = {"co-tlb-translation": _translate}
