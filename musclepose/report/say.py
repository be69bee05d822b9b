"""How what is shown gets its language: every module here says English, through a `Say` that the page hands in."""

from __future__ import annotations

from typing import Any


class Say:
    """`say(text)` is an English text in a language; `say(template, n=3)` fills gaps in braces. This one is English."""

    code = "en"  # of the language, as HTML has it

    def __call__(self, text: str, /, **gaps: Any) -> str:
        return text.format(**gaps) if gaps else text


IN_ENGLISH = Say()


def capital(text: str) -> str:
    """With a capital first letter; the rest stays, for nouns of German are capital too."""
    return text[:1].upper() + text[1:]
