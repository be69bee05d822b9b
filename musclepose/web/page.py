"""The HTML fragments of the page. Every text that is not a literal of this file goes through `escape`."""

from __future__ import annotations

from html import escape

from musclepose.movement.assumed import assumed_words
from musclepose.movement.summary import PhysicsSummary
from musclepose.records import Analysis

HEADER = (
    '<div class="mp-header"><h1>MusclePose</h1>'
    "<p>Joint torques, muscle effort, ground reaction and coaching from one training video.</p></div>"
)
GUIDE = (
    '<div class="mp-guide"><b>How to film</b><ol><li>Put the phone on something: it must not move.</li>'
    "<li>Whole body in view the whole time, feet included.</li><li>From the side or half from the front, at hip height."
    "</li><li>Fitted clothes, good light, nobody walking through.</li><li>5 to 60 seconds; a few repetitions are best."
    "</li></ol></div>"
)
READY = "Upload a clip or use the example, then press Analyse."
CHOSEN = "Check who is the athlete, tell height and mass if you know them, then press Analyse."
DONE = "Done. Click a row, a value or a plot to move the film; change a field and press Analyse to correct."
_LEVELS = {"high": "good", "medium": "fair", "low": "limited"}


def status(text: str, share: float | None = None, kind: str = "info") -> str:
    """The status line; `share` 0 to 1 shows a bar; kind: info, working (what is shown is old), busy, done, error."""
    bar = (
        ""
        if share is None
        else f'<progress max="100" value="{100 * min(max(share, 0.0), 1.0):.0f}"></progress>'
    )
    percent = "" if share is None else f"<b>{100 * min(max(share, 0.0), 1.0):.0f} %</b>"
    role = "alert" if kind == "error" else "status"
    return f'<div class="mp-status {escape(kind)}" role="{role}"><span>{escape(text)}</span>{percent}{bar}</div>'


def quality(analysis: Analysis, summary: PhysicsSummary) -> str:
    """How far to trust it: level, what was assumed, warnings."""
    level = analysis.quality.level
    chips = [f'<span class="mp-chip {escape(level)}">Data quality: {_LEVELS[level]}</span>']
    chips += [f'<span class="mp-chip">{escape(summary.exercise.title.capitalize())}</span>']
    if summary.repetitions:
        chips.append(f'<span class="mp-chip">{len(summary.repetitions)} repetitions</span>')
    assumed = assumed_words(summary)
    if assumed:
        chips.append(f'<span class="mp-chip">Assumed: {escape(", ".join(assumed))}</span>')
    warnings = list(
        dict.fromkeys((*analysis.quality.warnings, *analysis.warnings, *summary.warnings))
    )
    body = "".join(f"<li>{escape(w)}</li>" for w in warnings)
    notes = f"<details><summary>{_count(len(warnings), 'note')} on this clip</summary><ul>{body}</ul></details>"
    return f'<div class="mp-quality">{"".join(chips)}{notes if warnings else ""}</div>'


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def footer(soft_note: str, source_url: str, hours: float) -> str:
    """The lines that are always there: no medical advice, soft tokens, where files live, licence."""
    licence = _link("https://www.gnu.org/licenses/agpl-3.0.html", "AGPL-3.0-or-later")
    offer = f"{_link(source_url, 'Get the source code')} of this very page."
    local = "Its source code is the folder that this page was started from; who hosts it for others must offer theirs."
    soft = f"<p>{escape(soft_note)}</p>" if soft_note else ""
    time = f"{hours:g} hour{'s' if hours != 1 else ''}"
    return (
        '<div class="mp-footer"><p><b>No medical advice.</b> All figures are estimates from one camera; ask a '
        f"professional about pain or injury.</p>{soft}<p>Your video and results stay in the temporary folder of the "
        f"computer that runs this page and are deleted after about {time}; nothing is sent anywhere else.</p>"
        f"<p>Free software, {licence}. {offer if source_url else local}</p></div>"
    )


def _link(url: str, text: str) -> str:
    safe = url if url.startswith(("https://", "http://")) else "#"
    return f'<a href="{escape(safe, quote=True)}" target="_blank" rel="noopener">{escape(text)}</a>'
