"""Text whose figures are links to their moments, and the strip of moments with their pictures.

A figure is linked only where every figure of the summary that reads so, of a joint that the sentence names, happened at
one moment: an average, or two sides at different times, stays plain text.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Sequence
from html import escape

from musclepose.movement.figures import Figure
from musclepose.movement.summary import PhysicsSummary
from musclepose.report.moments import Moment
from musclepose.report.say import IN_ENGLISH, Say, capital

_TIME = re.compile(r"(?<=\bat )(\d+(?:\.\d+)?) s\b")
_REPETITIONS = re.compile(r"\brepetitions? (\d+(?:(?:, | and )\d+)*)")
_VALUE = re.compile(
    r"(?<![\[\d.])(\d+(?:\.\d+)?)(°| N m/kg| N m| body weights|%)(?![\w/])"
)
_UNITS = {
    "°": "deg",
    " N m/kg": "N m/kg",
    " N m": "N m",
    " body weights": "BW",
    "%": "%",
}
_SENTENCE = re.compile(r"(?<=[.!?])\s+")
_SAME_MOMENT_S = 0.1
_ALSO = {"trunk": ("trunk", "lean", "back"), "feet": ("ground", "force")}


def linked(text: str, summary: PhysicsSummary) -> str:
    """Markdown with links `#t=SECONDS` and `#repeat=NUMBER`; script of the page follows them."""
    pieces = []
    start = 0
    for gap in _SENTENCE.finditer(text):
        pieces += [_linked_sentence(text[start : gap.start()], summary), gap[0]]
        start = gap.end()
    return "".join([*pieces, _linked_sentence(text[start:], summary)])


def _linked_sentence(sentence: str, summary: PhysicsSummary) -> str:
    known = {r.index for r in summary.repetitions}

    def repetition(found: re.Match[str]) -> str:
        numbers = re.sub(
            r"\d+",
            lambda n: (
                f"[{n[0]}](#repeat={n[0]})" if int(n[0]) in known else n[0]
            ),
            found[1],
        )
        return found[0].replace(found[1], numbers)

    def time(found: re.Match[str]) -> str:
        return (
            f"[{found[0]}](#t={found[1]})"
            if float(found[1]) <= summary.duration_s
            else found[0]
        )

    def value(found: re.Match[str]) -> str:
        moment = _moment(found[1], _UNITS[found[2]], sentence, summary.figures)
        return found[0] if moment is None else f"[{found[0]}](#t={moment:.3f})"

    out = _VALUE.sub(value, sentence)
    out = _TIME.sub(time, out)
    return _REPETITIONS.sub(repetition, out)


def _moment(
    number: str, unit: str, sentence: str, figures: Sequence[Figure]
) -> float | None:
    lower = sentence.lower()
    same = [
        f
        for f in figures
        if f.unit == unit
        and f"{abs(f.value):.{f.digits}f}" == number
        and any(word in lower for word in _ALSO.get(f.joint, (f.joint,)))
    ]
    times = [f.time_s for f in same]
    if not times or any(t is None for t in times):
        return None
    known = [t for t in times if t is not None]
    return known[0] if max(known) - min(known) <= _SAME_MOMENT_S else None


def as_text(typed: str) -> str:
    """What a visitor typed, so that Markdown shows it as it is: no element, link or picture comes of it."""
    return re.sub(
        r"([\\\\`*_{}\[\]()#+!|<>~&:-])",
        lambda found: f"&#{ord(found[1])};",
        typed,
    )


def strip(
    moments: Sequence[Moment], pictures: Sequence[bytes], say: Say = IN_ENGLISH
) -> str:
    """A button for each moment: its picture, what it is, value and time."""
    if not moments:
        return ""
    cards = []
    for moment, picture in zip(moments, pictures, strict=True):
        image = f'<img alt="" src="{data_address(picture)}">' if picture else ""
        kind = say("Finding" if moment.kind == "finding" else "Peak")
        when, title = say(f"{moment.time_s:.2f} s"), capital(say(moment.title))
        cards.append(
            f'<button type="button" class="mp-moment {moment.kind}" data-seek="{moment.time_s:.3f}">{image}'
            f"<span><small>{escape(kind)}, {when}</small>{escape(title)}: "
            f"<b>{escape(say(moment.value))}</b></span></button>"
        )
    return f'<div class="mp-moments" aria-label="{escape(say("Moments of this set"))}">{"".join(cards)}</div>'


def data_address(jpeg: bytes) -> str:
    """A picture that stands in the page itself."""
    return "data:image/jpeg;base64," + base64.b64encode(jpeg).decode("ascii")
