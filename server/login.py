"""/login, /logout and /password: a browser gets, gives back and renews its login."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from errors import UsageError
from server.forms import read_fields
from server.gate import Gate, cookie_of, forgotten_cookie, token_of
from server.guesses import Guesses
from server.login_page import login_page, password_page
from server.origin import check_origin, is_secure
from tutoring.accounts import Account
from tutoring.clock import Clock

__all__ = ["login_routes"]

_SEE_OTHER = 303


def login_routes(gate: Gate, clock: Clock) -> APIRouter:
    """The routes. Whether a request may come here is checked before: /password needs a login."""
    routes, guesses = APIRouter(), Guesses(clock)
    _add_login(routes, gate, guesses)
    _add_password(routes, gate, guesses)
    return routes


def _add_login(routes: APIRouter, gate: Gate, guesses: Guesses) -> None:
    @routes.get("/login")
    async def show(request: Request) -> Response:
        return login_page() if await gate.is_on() and not request.scope.get("owner") else _home()

    @routes.post("/login")
    async def login(request: Request) -> Response:
        check_origin("POST", request.headers)
        form = await read_fields(request)
        name = form.get("name", "")
        if wait := guesses.begin(name, request):
            return login_page(f"登录失败的次数太多。请等 {wait} 秒再试。", name, 429)
        account = await gate.hashing(gate.accounts.check, name, form.get("password", ""))
        if account is None:
            return login_page("姓名或密码不对，或账号已停用。请再试一次；忘记密码时请管理员重设。", name, 401)
        guesses.succeeded(name, request)
        return await _enter(gate, account, request)

    @routes.post("/logout")
    async def logout(request: Request) -> Response:
        check_origin("POST", request.headers)
        await gate.end(token_of(request.headers))
        left = RedirectResponse("login", _SEE_OTHER)
        left.headers.append("set-cookie", forgotten_cookie())
        return left


def _add_password(routes: APIRouter, gate: Gate, guesses: Guesses) -> None:
    @routes.get("/password")
    async def ask(request: Request) -> Response:
        account = await gate.account(request.scope["owner"])
        return password_page(account.name) if account else _home()

    @routes.post("/password")
    async def change(request: Request) -> Response:
        account = await gate.account(request.scope["owner"])
        if account is None:
            return _home()
        if wait := guesses.begin(account.name, request):
            return password_page(account.name, f"试得太多了。请等 {wait} 秒再试。", 429)
        form = await read_fields(request)
        if await gate.hashing(gate.accounts.check, account.name, form.get("old", "")) is None:
            return password_page(account.name, "现在的密码不对，没有修改。", 401)
        guesses.succeeded(account.name, request)
        if form.get("new") != form.get("again"):
            return password_page(account.name, "两次输入的新密码不一样，没有修改。", 400)
        try:
            await gate.hashing(gate.accounts.set_password, account, form.get("new", ""))
        except UsageError as error:
            return password_page(account.name, str(error), 400)
        gate.forget()
        return await _enter(gate, account, request)


async def _enter(gate: Gate, account: Account, request: Request) -> Response:
    token = await gate.begin(account)
    entered = _home()
    entered.headers.append("set-cookie", cookie_of(token, is_secure(request.url.scheme, request.headers)))
    return entered


def _home() -> RedirectResponse:
    return RedirectResponse("./", _SEE_OTHER)
