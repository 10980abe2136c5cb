"""Who is logged in, in the head of the page, with the ways to another password and out. Nothing on a machine of one user."""

from __future__ import annotations

from html import escape

import gradio as gr

from errors import StorageError
from tutoring.accounts import ROLE_NAMES, Accounts
from ui.context import QUIET, PageContext, owner_of

__all__ = ["CSS", "build_account_bar"]

CSS = """
#account { flex: 0 1 auto; }
#account .who { display: flex; flex-wrap: wrap; align-items: center; justify-content: flex-end; gap: 4px 12px; }
#account .who > span { overflow-wrap: anywhere; }
#account .who small { color: var(--body-text-color-subdued); }
#account .who form { margin: 0; }
#account .who a, #account .who button { display: inline-flex; align-items: center; min-height: 40px; padding: 0 8px; font: inherit;
  color: var(--link-text-color); background: none; border: 0; cursor: pointer; text-decoration: none; }
#account .who a:hover, #account .who button:hover { text-decoration: underline; }
@media (max-width: 640px) {
  #head > #account { order: 8; flex: 0 0 100%; }
  #account .who > span { flex: 1 1 0; }
}
"""


def build_account_bar(context: PageContext, page: gr.Blocks) -> None:
    """Lay out the bar; it is filled when the page is opened."""
    accounts = Accounts(context.database, context.clock)
    bar = gr.HTML(elem_id="account", visible=False, padding=False)

    def fill(request: gr.Request) -> dict[str, object]:
        try:
            account = accounts.of(owner_of(request))
        except StorageError as error:
            return gr.update(value=f'<div class="who">{escape(str(error))}</div>', visible=True)
        if account is None:
            return gr.update(visible=False)
        told = f"{ROLE_NAMES[account.role]}{f'，{account.class_name}' if account.class_name else ''}"
        return gr.update(value=_told(account.name, told), visible=True)

    page.load(fill, None, bar, queue=False, **QUIET)


def _told(name: str, about: str) -> str:
    """The bar. The form needs no script, and no link of another site can log a visitor out."""
    return (
        f'<div class="who"><span><b>{escape(name)}</b> <small>{escape(about)}</small></span><a href="password">修改密码</a>'
        '<form method="post" action="logout"><button type="submit">退出</button></form></div>'
    )
