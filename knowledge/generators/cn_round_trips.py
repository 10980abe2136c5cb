"""Round trips: loading a page over HTTP, resolving a name by DNS."""

from __future__ import annotations

import random
from dataclasses import dataclass

from knowledge.generators.family import Family, Solution

__all__ = ["FAMILIES"]


@dataclass(frozen=True)
class Page:
    """Objects besides the HTML file, kind of connection, round-trip time in ms (0: counted in RTT).

    kind: serial (HTTP/1.0), persistent (HTTP/1.1, one request after the other) or pipelined; name: round trips of DNS before.
    """

    objects: int
    kind: str
    rtt: int
    name: int


_KINDS = {
    "serial": "用非持久连接的 HTTP/1.0 访问该网页，各对象依次串行获取",
    "persistent": "用持久连接、非流水线方式的 HTTP/1.1 访问该网页",
    "pipelined": "用持久连接、流水线方式的 HTTP/1.1 访问该网页（收到 HTML 文件后连续发出对所有对象的请求）",
}


def _sample_page(rng: random.Random, difficulty: int) -> Page:
    kinds = ("serial", "persistent") if difficulty <= 2 else tuple(_KINDS)
    rtt = rng.choice((5, 8, 10, 12, 15, 20, 24, 25, 30, 40, 50, 60, 75, 80, 100)) if difficulty >= 2 else 0
    return Page(rng.randrange(3, 16), rng.choice(kinds), rtt, 1 if difficulty >= 4 else 0)


def _round_trips(objects: int, kind: str) -> int:
    """Connection and HTML file are two; an object is two, one, or all together one."""
    return 2 + {"serial": 2 * objects, "persistent": objects, "pipelined": 1}[kind]


def _time(page: Page, round_trips: int) -> str:
    return f"{round_trips * page.rtt} ms" if page.rtt else f"{round_trips} RTT"


def _ask_page(page: Page) -> str:
    name = (
        "浏览器先用 1 个 RTT 从本地域名服务器得到 Web 服务器的 IP 地址，然后"
        if page.name
        else "浏览器已知 Web 服务器的 IP 地址，"
    )
    rtt = f"，RTT 为 {page.rtt} ms" if page.rtt else ""
    return (
        f"某网页由 1 个 HTML 文件和它引用的 {page.objects} 个小图片组成，都存放在同一台 Web 服务器上。{name}"
        f"{_KINDS[page.kind]}{rtt}。每个对象在 1 个 RTT 内可传完，忽略传输时间、处理时间与连接释放，TCP 第三次握手的报文段携带请求。"
        f"从{'开始解析域名' if page.name else '请求建立连接'}到收到全部内容所需的时间是"
    )


def _solve_page(page: Page) -> Solution:
    n = page.objects
    key = _round_trips(n, page.kind) + page.name
    wrong = [
        *(_round_trips(n, kind) + page.name for kind in _KINDS if kind != page.kind),  # the rule of another kind
        key - 1,  # the connection (or the name) not counted
        key - 2,  # the HTML file not counted
        key + 1,  # the third segment of the handshake counted as a round trip
        key + 2,  # one object too many
        2 * (n + 1) - 1,
        3 * (n + 1) + page.name,
    ]
    dns = "解析域名用 1 RTT；" if page.name else ""
    rule = {
        "serial": f"非持久连接为每个对象各建一次连接，每个对象用 2 RTT（握手 1、请求与响应 1），{n} 个图片用 2 × {n} = {2 * n} RTT",
        "persistent": f"持久连接不再握手，非流水线方式下每个图片的请求与响应各用 1 RTT，{n} 个图片用 {n} RTT",
        "pipelined": f"流水线方式连续发出 {n} 个请求，全部图片共用 1 RTT",
    }[page.kind]
    parts = " + ".join(str(x) for x in (page.name, 2, _round_trips(n, page.kind) - 2) if x)
    steps = f"{dns}建立 TCP 连接用 1 RTT，请求并收到 HTML 文件用 1 RTT；{rule}。合计 {parts} = {key} RTT"
    steps += f"，即 {key} × {page.rtt} ms = {_time(page, key)}。" if page.rtt else "。"
    return Solution(_time(page, key), [_time(page, w) for w in wrong if w > 0], steps)


@dataclass(frozen=True)
class Lookup:
    """Labels of the name below the root that have servers of their own, which of them the local server has cached, method, asked.

    zones: number of servers from the root to the authoritative one; cached: servers that the cache lets it skip.
    asked: sent (queries that the local server sends) or time (with rtt in ms).
    """

    name: str
    zones: int
    cached: int
    recursive: bool
    asked: str
    rtt: int


_NAMES = {
    3: ("www.abc.com", "ftp.xyz.org", "mail.lib.net", "news.site.cn"),
    4: ("www.cs.abc.com", "ftp.lab.xyz.org", "www.math.univ.cn", "mail.dept.lib.net"),
    5: ("www.a.cs.abc.com", "ftp.db.lab.xyz.org", "www.p.math.univ.cn"),
}


def _sample_lookup(rng: random.Random, difficulty: int) -> Lookup:
    zones = rng.choice((3, 4, 5)) if difficulty <= 2 else rng.choice((4, 5))
    cached = rng.randrange(0, zones - 1) if difficulty >= 3 else rng.randrange(2)
    asked = rng.choice(("sent", "time")) if difficulty > 1 else "sent"
    recursive = difficulty >= 4 and rng.random() < 0.4
    rtt = rng.choice((4, 6, 8, 10, 12, 15, 20, 25, 30, 40, 50, 60)) if asked == "time" else 0
    return Lookup(rng.choice(_NAMES[zones]), zones, cached, recursive, asked, rtt)


def _servers(lookup: Lookup) -> list[str]:
    """The chain from the root server to the authoritative one."""
    labels = lookup.name.split(".")
    return ["根"] + [".".join(labels[i:]) for i in range(len(labels) - 1, 0, -1)][: lookup.zones - 1]


def _ask_lookup(lookup: Lookup) -> str:
    servers = _servers(lookup)
    zones = "、".join(f"{s} 域" if s != "根" else "根域" for s in servers)
    cache = "本地域名服务器没有任何缓存"
    if lookup.cached:
        cache = f"本地域名服务器已缓存 {servers[lookup.cached]} 域的域名服务器的地址，没有其他相关缓存"
    method = "各域名服务器之间都采用递归查询" if lookup.recursive else "本地域名服务器采用迭代查询"
    stem = f"主机要解析域名 {lookup.name}，{zones}各有一台域名服务器，其中 {servers[-1]} 域的是该域名的权威域名服务器。{cache}，主机向本地域名服务器递归查询，{method}。"
    if lookup.asked == "sent":
        return stem + "为完成解析，本地域名服务器发出的 DNS 查询请求个数是"
    return stem + f"任意两台主机（服务器）之间一次查询的往返时间都是 {lookup.rtt} ms，忽略处理时间，主机得到解析结果所需的时间是"


def _solve_lookup(lookup: Lookup) -> Solution:
    servers = _servers(lookup)[lookup.cached :]
    asked = len(servers)
    sent = 1 if lookup.recursive else asked
    chain = " → ".join(f"{s}域名服务器" if s == "根" else f"{s} 域名服务器" for s in servers)
    if lookup.asked == "sent":
        wrong = [sent + 1, sent - 1, lookup.zones, asked, lookup.zones + 1, sent + 2, sent - 2, 2 * sent]
        how = (
            "递归查询时它只向第一台服务器发出 1 个请求，后面的由各服务器代查"
            if lookup.recursive
            else f"迭代查询时每一台都由它亲自询问，共 {sent} 个请求"
        )
        steps = f"本地域名服务器要经过的域名服务器依次为 {chain}，共 {asked} 台；{how}。主机发给本地域名服务器的请求不算在内，所以答案是 {sent} 个。"
        return Solution(f"{sent} 个", [f"{w} 个" for w in wrong if w > 0], steps)
    key = asked + 1
    wrong = [asked, key + 1, lookup.zones + 1, lookup.zones, 2 * key, key - 2, 2]
    steps = (
        f"主机问本地域名服务器用 1 个往返；此后依次询问 {chain} 共 {asked} 台，{'各台逐层代查，往返逐层嵌套' if lookup.recursive else '由本地域名服务器逐台询问'}，"
        f"每台都要 1 个往返。合计 (1 + {asked}) × {lookup.rtt} ms = {key * lookup.rtt} ms；漏算主机到本地域名服务器的一次会得到 {asked * lookup.rtt} ms。"
    )
    return Solution(f"{key * lookup.rtt} ms", [f"{w * lookup.rtt} ms" for w in wrong if w > 0], steps)


FAMILIES = [
    Family("cn-http-rtt", "访问网页的往返时间", "cn", ("cn.6.6", "cn.6.5"), _sample_page, _ask_page, _solve_page),
    Family("cn-dns-queries", "域名解析的查询次数", "cn", ("cn.6.2",), _sample_lookup, _ask_lookup, _solve_lookup),
]
