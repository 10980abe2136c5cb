import socket

import pytest

from errors import UsageError
from server.serving import address_of, reserve


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.5", "::", "example.org", ""])
def test_an_address_that_others_reach_is_refused(host: str) -> None:
    with pytest.raises(UsageError, match="python -m tutoring.accounts add.*只监听本机"):
        reserve(host, 7860)


@pytest.mark.parametrize("port", [0, -1, 65536])
def test_a_port_that_is_none(port: int) -> None:
    with pytest.raises(UsageError, match="--port"):
        reserve("127.0.0.1", port)


def test_a_port_that_is_taken() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(UsageError, match="已被占用"):
        reserve("127.0.0.1", taken.getsockname()[1])


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_a_free_port_is_ours(host: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with reserve(host, port) as bound:
        assert address_of(bound) in (f"http://127.0.0.1:{port}", f"http://[::1]:{port}")
