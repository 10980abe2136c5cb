"""The pages that stand before the page: logging in, another password, and a message. Plain HTML that needs no script."""

from __future__ import annotations

from html import escape

from starlette.responses import HTMLResponse

__all__ = ["login_page", "message_page", "password_page"]

_STYLE = """
:root { color-scheme: light dark; --accent: light-dark(#0b6b62, #5fd3c4); --on-accent: light-dark(#ffffff, #06231f);
  --paper: light-dark(#f6f7f8, #12161b); --card: light-dark(#ffffff, #1a2027); --ink: light-dark(#1c2430, #e6eaee);
  --soft: light-dark(#566172, #a3aebb); --line: light-dark(#d9dee3, #343f4b); --bad: light-dark(#b3261e, #ff9c94); }
* { box-sizing: border-box; }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; padding: 20px; background: var(--paper); color: var(--ink);
  font: 16px/1.7 system-ui, "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", sans-serif; }
main { width: 100%; max-width: 380px; padding: 32px 28px; background: var(--card); border: 1px solid var(--line); border-radius: 14px; }
h1 { margin: 0; font-size: 1.5rem; line-height: 1.3; }
p { margin: 4px 0 20px; color: var(--soft); }
label { display: block; margin: 14px 0 4px; font-size: .95rem; }
input { width: 100%; min-height: 44px; padding: 8px 12px; font: inherit; color: inherit; background: transparent;
  border: 1px solid var(--line); border-radius: 8px; }
input:focus-visible, button:focus-visible, a:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
button { width: 100%; min-height: 46px; margin-top: 22px; font: inherit; font-weight: 600; color: var(--on-accent);
  background: var(--accent); border: 0; border-radius: 8px; cursor: pointer; }
.told { margin: 0 0 8px; padding: 10px 12px; color: var(--bad); border: 1px solid currentColor; border-radius: 8px; }
.back { display: inline-block; padding: 10px 0; margin-top: 8px; color: var(--accent); }
"""


def login_page(told: str = "", name: str = "", status: int = 200) -> HTMLResponse:
    """Name and password; `told` is what went wrong."""
    fields = _field("name", "姓名", "text", "username", name) + _field("password", "密码", "password", "current-password")
    about = "考研 408 与课程资料的答疑老师。请登录。忘记密码时，请管理员重设。"
    return _page(
        "登录 · Tutor408", "Tutor408", about, told, f'<form method="post" action="login">{fields}{_button("登录")}</form>', status
    )


def password_page(shown_name: str, told: str = "", status: int = 200) -> HTMLResponse:
    """The old password and, twice, another one."""
    fields = (
        _field("old", "现在的密码", "password", "current-password")
        + _field("new", "新密码（至少 8 个字符）", "password", "new-password")
        + _field("again", "再输入一次新密码", "password", "new-password")
    )
    about = f"{shown_name}，改好以后，其他已登录的浏览器都要重新登录。"
    form = f'<form method="post" action="password">{fields}{_button("修改密码")}</form>{_BACK}'
    return _page("修改密码 · Tutor408", "修改密码", about, told, form, status)


def message_page(message: str, status: int) -> HTMLResponse:
    """Why there is no page now."""
    return _page("Tutor408", "Tutor408", "", message, '<a class="back" href="./">再试一次</a>', status)


_BACK = '<a class="back" href="./">返回</a>'


def _page(title: str, head: str, about: str, told: str, body: str, status: int) -> HTMLResponse:
    note = f'<div class="told" role="alert">{escape(told)}</div>' if told else ""
    return HTMLResponse(
        f'<!doctype html><html lang="zh-CN"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        f'<meta name="viewport" content="width=device-width, initial-scale=1"><link rel="icon" href="data:,"><style>{_STYLE}</style></head>'
        f"<body><main><h1>{escape(head)}</h1><p>{escape(about)}</p>{note}{body}</main></body></html>",
        status,
        {"Cache-Control": "no-store"},
    )


def _field(name: str, label: str, kind: str, fills: str, value: str = "") -> str:
    return (
        f'<label for="{name}">{label}</label><input id="{name}" name="{name}" type="{kind}" autocomplete="{fills}" '
        f'value="{escape(value)}" maxlength="300" required>'
    )


def _button(text: str) -> str:
    return f'<button type="submit">{text}</button>'
