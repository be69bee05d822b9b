"""The report to hand over: one HTML file with everything in it, that prints to A4. All text is escaped."""

from __future__ import annotations

import base64
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from html import escape
from pathlib import Path

from musclepose.movement.assumed import assumed_words
from musclepose.movement.summary import PhysicsSummary
from musclepose.records import Analysis
from musclepose.report.analysis_json import notice_of
from musclepose.report.moments import Moment
from musclepose.report.repetitions import Cell, RepetitionColumn, cell_text
from musclepose.report.say import IN_ENGLISH, Say, capital

_CURVES = "Torque, activation, ground reaction and angles over time"
_QUALITY = {"high": "good", "medium": "fair", "low": "limited"}
_STYLE = """
@page { size: A4; margin: 14mm; }
* { box-sizing: border-box; }
body { font: 10.5pt/1.45 system-ui, "Segoe UI", "DejaVu Sans", sans-serif; color: #1f2933; margin: 0 auto;
  max-width: 182mm; }
h1 { font-size: 18pt; margin: 0 0 2pt; } h2 { font-size: 12.5pt; margin: 12pt 0 4pt; break-after: avoid; }
p { margin: 0 0 5pt; } .quiet { color: #4a5661; font-size: 9.5pt; }
.cards { display: grid; grid-template-columns: repeat(3, 1fr); gap: 6pt; }
figure { margin: 0; border: 1px solid #c3ccd6; border-radius: 4pt; overflow: hidden; break-inside: avoid; }
figure img { display: block; width: 100%; height: 34mm; object-fit: contain; background: #12171e; }
figcaption { padding: 3pt 5pt; font-size: 9pt; } figure.finding { border-color: #b4540a; border-width: 2px; }
table { border-collapse: collapse; width: 100%; font-size: 9pt; break-inside: auto; }
th, td { text-align: left; padding: 2.5pt 5pt; border-bottom: 1px solid #dce2e9; vertical-align: bottom; }
tr { break-inside: avoid; } td.best { font-weight: 700; color: #12555b; } td.worst { font-weight: 700; color: #a1400a; }
.plots { width: 100%; break-inside: avoid; } ul { margin: 0; padding-left: 14pt; }
footer { margin-top: 10pt; border-top: 1px solid #c3ccd6; padding-top: 4pt; font-size: 8.5pt; color: #4a5661; }
@media screen { body { padding: 16px; } }
"""


@dataclass(frozen=True)
class Sheet:
    """What the report shows besides the analysis itself."""

    text: str  # Markdown of the coach
    note: str  # what the user wrote
    day: date
    moments: Sequence[Moment]
    pictures: Sequence[bytes]  # a JPEG for each moment
    columns: Sequence[RepetitionColumn]
    plots_png: bytes
    athlete_name: str = ""  # stands in the report, never in the name of a file
    own_note: str = ""  # what the coach adds
    say: Say = IN_ENGLISH  # language of everything but text and notes


def title_of_sheet(summary: PhysicsSummary, sheet: Sheet) -> str:
    """ "Squat, 2026-11-26", after the athlete's name where it is told."""
    title = (
        f"{capital(sheet.say(summary.exercise.title))}, {sheet.day.isoformat()}"
    )
    return f"{sheet.athlete_name}: {title}" if sheet.athlete_name else title


def write_sheet(
    analysis: Analysis,
    summary: PhysicsSummary,
    sheet: Sheet,
    out_path: str | Path,
) -> Path:
    """Write the report as one file."""
    title, say = title_of_sheet(summary, sheet), sheet.say
    parts = [
        f"<h1>{escape(title)}</h1>",
        f'<p class="quiet">{escape(circumstances(analysis, summary, say))}</p>',
        _note(say("Coach's note"), sheet.own_note),
        _note(say("Note before the analysis"), sheet.note),
        _moments(sheet),
        f"<h2>{escape(say('Coaching'))}</h2>{_paragraphs(sheet.text)}",
        _repetitions(summary, sheet),
        f'<h2>{escape(say("Curves"))}</h2><img class="plots" alt="{escape(say(_CURVES), quote=True)}" '
        f'src="data:image/png;base64,{base64.b64encode(sheet.plots_png).decode("ascii")}">',
        _warnings(analysis, summary, say),
        f"<footer>{escape(say(notice_of(analysis)))}</footer>",
    ]
    head = f'<meta charset="utf-8"><title>{escape(title)}</title><style>{_STYLE}</style>'
    page = f'<!doctype html><html lang="{say.code}"><head>{head}</head><body>{"".join(parts)}</body></html>'
    target = Path(out_path)
    target.write_text(page, encoding="utf-8")
    return target


def archive_name(summary: PhysicsSummary, day: date) -> str:
    """ "squat_2026-11-26.zip"; a movement that was not recognised is called movement."""
    name = summary.exercise.name if summary.is_sure else "movement"
    return f"{re.sub(r'[^a-z0-9]+', '_', name.lower())}_{day.isoformat()}.zip"


def circumstances(
    analysis: Analysis, summary: PhysicsSummary, say: Say = IN_ENGLISH
) -> str:
    """Repetitions, body, load, quality and what was assumed, in one line."""
    told = [
        f"height {100 * summary.height_m:.0f} cm",
        f"body mass {summary.mass_kg:.0f} kg",
    ]
    if summary.repetitions:
        count = len(summary.repetitions)
        told = ["1 repetition" if count == 1 else f"{count} repetitions", *told]
    if summary.load_kg:
        told.append(f"load {summary.load_kg:g} kg at the {summary.load_at}")
    sentences = [f"{capital(', '.join(map(say, told)))}."]
    sentences.append(
        say("Data quality: {q}.", q=_QUALITY[analysis.quality.level])
    )
    assumed = assumed_words(summary)
    if assumed:
        sentences.append(say("Assumed: {list}.", list=", ".join(assumed)))
    return " ".join(sentences)


def told_moment(moment: Moment, say: Say) -> str:
    """ "Left knee bend, largest: 118° at 2.35 s"."""
    title, time = capital(say(moment.title)), f"{moment.time_s:.2f}"
    return say(
        "{title}: {value} at {a} s", title=title, value=moment.value, a=time
    )


def _note(title: str, note: str) -> str:
    lines = escape(note).replace("\n", "<br>")
    return f"<h2>{escape(title)}</h2><p>{lines}</p>" if note else ""


def _moments(sheet: Sheet) -> str:
    if not sheet.moments:
        return ""
    cards = []
    for moment, picture in zip(sheet.moments, sheet.pictures, strict=True):
        address = base64.b64encode(picture).decode("ascii")
        image = (
            f'<img alt="" src="data:image/jpeg;base64,{address}">'
            if picture
            else ""
        )
        cards.append(
            f'<figure class="{moment.kind}">{image}<figcaption>{escape(told_moment(moment, sheet.say))}'
            "</figcaption></figure>"
        )
    return f'<h2>{escape(sheet.say("Moments"))}</h2><div class="cards">{"".join(cards)}</div>'


def _paragraphs(markdown: str) -> str:
    """The coach's Markdown: paragraphs, bold, italics and lists; nothing else is interpreted."""
    out = []
    for block in re.split(r"\n\s*\n", markdown.strip()):
        lines = block.split("\n")
        is_list = all(re.match(r"\s*[-*] ", line) for line in lines)
        if is_list:
            items = "".join(
                f"<li>{_inline(line.strip()[2:])}</li>" for line in lines
            )
            out.append(f"<ul>{items}</ul>")
        else:
            out.append(f"<p>{_inline(' '.join(lines))}</p>")
    return "".join(out)


def _inline(text: str) -> str:
    safe = escape(text)
    safe = re.sub(r"\*\*(.+?)\*\*", r"<b>\1</b>", safe)
    return re.sub(r"\*(.+?)\*", r"<i>\1</i>", safe)


def _repetitions(summary: PhysicsSummary, sheet: Sheet) -> str:
    head, *rows = repetition_rows(summary, sheet.columns, sheet.say)
    if not rows:
        return ""
    top = "".join(f"<th>{escape(title)}</th>" for title, _ in head)
    cells = ("".join(_data(text, kind) for text, kind in row) for row in rows)
    body = "".join(f"<tr>{row}</tr>" for row in cells)
    return f"<h2>{escape(sheet.say('Repetitions'))}</h2><table><tr>{top}</tr>{body}</table>"


def _data(text: str, kind: str) -> str:
    return (
        f'<td class="{kind}">{escape(text)}</td>'
        if kind
        else f"<td>{escape(text)}</td>"
    )


def repetition_rows(
    summary: PhysicsSummary,
    columns: Sequence[RepetitionColumn],
    say: Say = IN_ENGLISH,
) -> list[list[tuple[str, str]]]:
    """The head and a row for each repetition: text and kind ("best", "worst" or "") of each cell."""
    shown = [c for c in columns if c.group != "further"]
    head = [
        (say("Rep."), ""),
        *((f"{capital(say(c.title))} ({say(c.unit)})", "") for c in shown),
    ]
    rows = [
        [
            (f"{r.index} {say(r.side)}".strip(), ""),
            *(_cell(i, c, say) for c in shown),
        ]
        for i, r in enumerate(summary.repetitions)
        if shown and i < len(shown[0].cells)
    ]
    return [head, *rows]


def _cell(place: int, column: RepetitionColumn, say: Say) -> tuple[str, str]:
    kind = {column.best: "best", column.worst: "worst"}.get(place, "")
    mark = f" ({say(kind)})" if kind else ""
    return _values(column.cells[place], say) + mark, kind


def _values(cell: Cell, say: Say) -> str:
    return " / ".join(say(cell_text(figure)) for figure in cell) or "–"


def to_know(analysis: Analysis, summary: PhysicsSummary) -> list[str]:
    """Everything that limits the figures, each said once."""
    return list(
        dict.fromkeys(
            (*analysis.quality.warnings, *analysis.warnings, *summary.warnings)
        )
    )


def _warnings(analysis: Analysis, summary: PhysicsSummary, say: Say) -> str:
    told = [say(warning) for warning in to_know(analysis, summary)]
    if not told:
        return ""
    return f"<h2>{escape(say('What to know'))}</h2><ul>{''.join(f'<li>{escape(w)}</li>' for w in told)}</ul>"
