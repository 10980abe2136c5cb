"""The tries at passwords, by name and by address."""

from __future__ import annotations

from starlette.requests import Request

from server.throttle import Throttle
from tutoring.clock import Clock
from tutoring.names import compared

__all__ = ["Guesses"]

_TRIES_OF_A_NAME, _TRIES_OF_AN_ADDRESS = 5, 20
"""A class may sit behind one address."""


class Guesses:
    """Whether a password is looked at now. In the memory of this process."""

    def __init__(self, clock: Clock) -> None:
        self._names = Throttle(clock, _TRIES_OF_A_NAME)
        self._addresses = Throttle(clock, _TRIES_OF_AN_ADDRESS)

    def begin(self, name: str, request: Request) -> int:
        """Seconds to wait; 0 for a try that is looked at now, and counted."""
        if wait := max(self._names.wait(compared(name)), self._addresses.wait(_address(request))):
            return wait
        self._names.tried(compared(name))
        self._addresses.tried(_address(request))
        return 0

    def succeeded(self, name: str, request: Request) -> None:
        """The name is free again; the address has only this try back: one right password does not free guesses at others."""
        self._names.succeeded(compared(name))
        self._addresses.take_back(_address(request))


def _address(request: Request) -> str:
    return request.client.host if request.client else ""
