"""Addresses with the standard library's networks."""

from ipaddress import IPv4Address, ip_interface, ip_network


def _subnet(host):
    network = ip_interface(f"{IPv4Address(host.address)}/{host.prefix}").network
    hosts = list(network.hosts())
    return {"broadcast": str(network.broadcast_address), "hosts": f"{len(hosts)} 个", "last": str(hosts[-1])}[host.kind]


def _aggregate(blocks):
    networks = [ip_network((a, p)) for a, p in blocks.blocks]
    whole = networks[0]
    while not all(n.subnet_of(whole) for n in networks):
        whole = whole.supernet()
    return str(whole)


def _prefix(table):
    by_network = {ip_network((a, p)): hop for a, p, hop in table.rows}
    network = ip_network(table.destination)
    while network not in by_network:
        network = network.supernet()
    return by_network[network]


ORACLES = {"cn-subnet": _subnet, "cn-cidr-aggregate": _aggregate, "cn-longest-prefix": _prefix}
