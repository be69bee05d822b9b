"""The HTML fragments of the page. Every text that is not a literal of the page goes through `escape`."""

from __future__ import annotations

import json
from html import escape

from musclepose.movement.assumed import assumed_words
from musclepose.movement.summary import PhysicsSummary
from musclepose.records import Analysis
from musclepose.wave_llm.translation import ENGLISH
from musclepose.web.words import progress_said, say, title_of
from musclepose.web.words.said import saying, words_of_browser


def header(language: str = ENGLISH) -> str:
    """Name and what it does; with it the words that the scripts of the page show."""
    lead = escape(say(language, "lead"))
    words = escape(
        json.dumps(words_of_browser(language), ensure_ascii=False), quote=True
    )
    return f'<div class="mp-header" data-words="{words}"><h1>MusclePose</h1><p>{lead}</p></div>'


def guide(language: str = ENGLISH) -> str:
    """How to film."""
    lines = "".join(
        f"<li>{escape(say(language, f'film{i}'))}</li>" for i in range(1, 6)
    )
    return f'<div class="mp-guide"><b>{escape(say(language, "film"))}</b><ol>{lines}</ol></div>'


def status(text: str, share: float | None = None, kind: str = "info") -> str:
    """The status line; `share` 0 to 1 shows a bar; kind: info, working (what is shown is old), busy, done, error."""
    bar = (
        ""
        if share is None
        else f'<progress max="100" value="{100 * min(max(share, 0.0), 1.0):.0f}"></progress>'
    )
    percent = (
        ""
        if share is None
        else f"<b>{100 * min(max(share, 0.0), 1.0):.0f} %</b>"
    )
    role = "alert" if kind == "error" else "status"
    return f'<div class="mp-status {escape(kind)}" role="{role}"><span>{escape(text)}</span>{percent}{bar}</div>'


def told(
    language: str, key: str, share: float | None = None, kind: str = "info"
) -> str:
    """The status line with words of the catalogue."""
    return status(say(language, key), share, kind)


def refused(language: str, error: Exception) -> str:
    """The status line with the sentence of an error."""
    return status(saying(language)(str(error)), kind="error")


def progress(language: str, text: str, share: float | None, kind: str) -> str:
    """The status line with what a computation says of itself."""
    return status(progress_said(language, text), share, kind)


def quality(
    analysis: Analysis,
    summary: PhysicsSummary,
    language: str = ENGLISH,
    is_example: bool = False,
) -> str:
    """How far to trust it: level, what was assumed, warnings."""
    level = analysis.quality.level
    chips = [
        f'<span class="mp-chip example">{escape(say(language, "is_example"))}</span>'
    ] * is_example
    said = say(language, "quality", level=say(language, level))
    chips += [f'<span class="mp-chip {escape(level)}">{escape(said)}</span>']
    chips += [
        f'<span class="mp-chip">{escape(title_of(summary.exercise.title, language))}</span>'
    ]
    if summary.repetitions:
        is_one = len(summary.repetitions) == 1
        count = say(
            language,
            "repetition" if is_one else "repetitions",
            n=len(summary.repetitions),
        )
        chips.append(f'<span class="mp-chip">{escape(count)}</span>')
    assumed = assumed_words(summary)
    if assumed:
        what = say(
            language, "assumed", what=", ".join(map(saying(language), assumed))
        )
        chips.append(f'<span class="mp-chip">{escape(what)}</span>')
    warnings = list(
        dict.fromkeys(
            (*analysis.quality.warnings, *analysis.warnings, *summary.warnings)
        )
    )
    body = "".join(f"<li>{escape(saying(language)(w))}</li>" for w in warnings)
    count = say(
        language,
        "one_note" if len(warnings) == 1 else "many_notes",
        n=len(warnings),
    )
    notes = (
        f"<details><summary>{escape(count)}</summary><ul>{body}</ul></details>"
    )
    return f'<div class="mp-quality">{"".join(chips)}{notes if warnings else ""}</div>'


def footer(
    soft_note: str,
    source_url: str,
    language: str = ENGLISH,
    has_arrived: bool = False,
) -> str:
    """The lines that are always there: no medical advice, soft tokens, where files live, licence.

    `has_arrived`: the server knows this visitor, and what it has for him comes with this.
    """

    def words(key: str) -> str:
        return escape(say(language, key))

    licence = _link(
        "https://www.gnu.org/licenses/agpl-3.0.html", "AGPL-3.0-or-later"
    )
    free = words("free").replace("{licence}", licence)
    offer = (
        f"{_link(source_url, say(language, 'get_source'))} {words('of_this')}"
    )
    soft = f"<p>{escape(saying(language)(soft_note))}</p>" if soft_note else ""
    return (
        f'<div class="mp-footer"{" data-arrived" if has_arrived else ""}><p><b>{words("no_advice")}</b> '
        f"{words('estimates')}</p>{soft}<p>{words('kept_here')}</p>"
        f"<p>{free} {offer if source_url else words('local')}</p></div>"
    )


def _link(url: str, text: str) -> str:
    safe = url if url.startswith(("https://", "http://")) else "#"
    return f'<a href="{escape(safe, quote=True)}" target="_blank" rel="noopener">{escape(text)}</a>'
