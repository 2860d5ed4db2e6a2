"""What somebody sees who is not let in: one page, with nothing of the app in it."""

from __future__ import annotations

from html import escape

from .identity import SAID, Why

SIGN_IN, SIGN_OUT = "/sign-in", "/auth/logout"
_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>IOP scheduler</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>
:root {{ color-scheme: light dark; }}
body {{ font: 1rem/1.5 system-ui, sans-serif; margin: 15vh auto; max-width: 30rem; padding: 0 1rem; }}
a {{ display: inline-block; margin-top: 1rem; padding: .5rem 1.25rem; border-radius: .4rem;
     background: #0072B2; color: #fff; text-decoration: none; }}
</style></head><body><h1>IOP scheduler</h1>
<p>{said}</p>{who}{link}</body></html>
"""
_LINKS = {True: ("Sign in", SIGN_IN), False: ("Sign out", SIGN_OUT)}


def turned_away(why: Why, who: str, base: str) -> str:
    """The page for somebody who is refused, with the way on."""
    words, path = _LINKS[why in ("nobody", "expired")]
    named = f"<p>Signed in as {escape(who)}.</p>" if who else ""
    link = f'<p><a href="{escape(base + path)}">{words}</a></p>'
    return _PAGE.format(said=escape(SAID[why]), who=named, link=link)


def closed(said: str) -> str:
    """The page for somebody who comes by a way that is not open to anybody."""
    return _PAGE.format(said=escape(said), who="", link="")
