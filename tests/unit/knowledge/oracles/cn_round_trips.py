"""Round trips by listing every message that crosses the network one after the other."""


def _page(page):
    trips = ["dns"] * page.name
    connected = False
    waves = [["html"]]
    pictures = [f"img{i}" for i in range(page.objects)]
    waves += [pictures] if page.kind == "pipelined" else [[p] for p in pictures]
    for wave in waves:
        if not connected or page.kind == "serial":
            trips.append("connect")
            connected = True
        trips.append("get " + " ".join(wave))
    return f"{len(trips) * page.rtt} ms" if page.rtt else f"{len(trips)} RTT"


def _lookup(lookup):
    labels = lookup.name.split(".")
    zones = ["."]
    while len(zones) < lookup.zones:
        zones.append(".".join(labels[len(labels) - len(zones) :]))
    start = lookup.cached
    queries = [("host", "local")]
    asker, zone = "local", start
    while True:
        queries.append((asker, zones[zone]))
        if lookup.name.split(".", 1)[1] == zones[zone]:
            break
        if lookup.recursive:
            asker = zones[zone]
        zone += 1
    if lookup.asked == "sent":
        return f"{sum(a == 'local' for a, _ in queries)} 个"
    return f"{len(queries) * lookup.rtt} ms"


ORACLES = {"cn-http-rtt": _page, "cn-dns-queries": _lookup}
