"""The report as report.pdf: the same content as report.html on A4, with a font that has every language's letters."""

from __future__ import annotations

import io
import re
from pathlib import Path
from typing import Any

import matplotlib
from fpdf import FPDF, FontFace
from fpdf.enums import MethodReturnValue

from musclepose.movement.summary import PhysicsSummary
from musclepose.records import Analysis
from musclepose.report.analysis_json import notice_of
from musclepose.report.say import Say
from musclepose.report.sheet import (
    Sheet,
    circumstances,
    repetition_rows,
    title_of_sheet,
    to_know,
    told_moment,
)

_FONT = "DejaVu"
_STYLES = {
    "": "DejaVuSans",
    "B": "DejaVuSans-Bold",
    "I": "DejaVuSans-Oblique",
    "BI": "DejaVuSans-BoldOblique",
}
_INK, _QUIET, _LINE = (31, 41, 51), (74, 86, 97), (195, 204, 214)
_KINDS = {"best": (18, 85, 91), "worst": (161, 64, 10)}
_MARGIN_MM, _GAP_MM = 14.0, 3.0
_ACROSS = 3  # pictures beside each other
_PICTURE_MM = 34.0


class _Paper(FPDF):
    """A4 with the notice and the page number at the foot of each page."""

    notice = ""

    def footer(self) -> None:
        self.set_y(-_MARGIN_MM + 2)
        self.set_font(_FONT, "", 7.5)
        self.set_text_color(*_QUIET)
        self.cell(0, 4, self.notice)
        self.cell(0, 4, f"{self.page_no()}/{{nb}}", align="R")


def write_sheet_pdf(
    analysis: Analysis,
    summary: PhysicsSummary,
    sheet: Sheet,
    out_path: str | Path,
) -> Path:
    """Write the report as PDF."""
    say = sheet.say
    paper = _paper(title_of_sheet(summary, sheet), say(notice_of(analysis)))
    _text(paper, title_of_sheet(summary, sheet), 16, "B")
    _text(paper, circumstances(analysis, summary, say), 8.5, colour=_QUIET)
    for title, note in (
        ("Coach's note", sheet.own_note),
        ("Note before the analysis", sheet.note),
    ):
        if note:
            _heading(paper, say(title))
            _text(paper, note)
    _moments(paper, sheet)
    _heading(paper, say("Coaching"))
    for block in re.split(r"\n\s*\n", sheet.text.strip()):
        _block(paper, block)
    _repetitions(paper, repetition_rows(summary, sheet.columns, say), say)
    _curves(paper, sheet.plots_png, say)
    warnings = to_know(analysis, summary)
    if warnings:
        _heading(paper, say("What to know"))
        for warning in warnings:
            _text(paper, f"•  {say(warning)}", 8.5)
    paper.output(str(out_path))
    return Path(out_path)


def _paper(title: str, notice: str) -> FPDF:
    paper = _Paper(format="A4")
    paper.notice = notice
    folder = Path(matplotlib.get_data_path()) / "fonts" / "ttf"
    for style, name in _STYLES.items():
        paper.add_font(_FONT, style, folder / f"{name}.ttf")
    paper.set_margins(_MARGIN_MM, _MARGIN_MM)
    paper.set_auto_page_break(True, _MARGIN_MM + 2)
    paper.set_title(title)
    paper.add_page()
    return paper


def _text(
    paper: FPDF,
    text: str,
    size: float = 9.5,
    style: str = "",
    colour: tuple[int, int, int] = _INK,
    markdown: bool = False,
) -> None:
    paper.set_font(_FONT, style, size)
    paper.set_text_color(*colour)
    paper.multi_cell(
        0,
        0.5 * size,
        text,
        align="L",
        markdown=markdown,
        new_x="LMARGIN",
        new_y="NEXT",
    )
    paper.ln(1.2)


def _heading(paper: FPDF, title: str) -> None:
    paper.ln(1.5)
    if paper.get_y() > paper.h - 45:  # not alone at the foot of a page
        paper.add_page()
    _text(paper, title, 11.5, "B")


def _block(paper: FPDF, block: str) -> None:
    """A paragraph or list of the coach's Markdown; only bold is kept, everything else is plain."""
    for line in block.split("\n"):
        is_item = bool(re.match(r"\s*[-*] ", line))
        plain = re.sub(
            r"(?<!\*)\*(?!\*)|__|--|~~",
            "",
            line.strip()[2:] if is_item else line.strip(),
        )
        if plain:
            _text(paper, f"•  {plain}" if is_item else plain, markdown=True)


def _moments(paper: FPDF, sheet: Sheet) -> None:
    """Pictures of the moments, three beside each other, each with its words below."""
    cards = [
        (m, p) for m, p in zip(sheet.moments, sheet.pictures, strict=True) if p
    ]
    if not cards:
        return
    _heading(paper, sheet.say("Moments"))
    width = (paper.epw - (_ACROSS - 1) * _GAP_MM) / _ACROSS
    for start in range(0, len(cards), _ACROSS):
        row = cards[start : start + _ACROSS]
        words = [told_moment(m, sheet.say) for m, _ in row]
        tall = (
            _PICTURE_MM + max(_height(paper, width, text) for text in words) + 2
        )
        if paper.get_y() + tall > paper.page_break_trigger:
            paper.add_page()
        top = paper.get_y()
        for place, ((moment, picture), text) in enumerate(
            zip(row, words, strict=True)
        ):
            left = paper.l_margin + place * (width + _GAP_MM)
            paper.image(
                io.BytesIO(picture),
                left,
                top,
                width,
                _PICTURE_MM,
                keep_aspect_ratio=True,
            )
            paper.set_draw_color(
                *(_KINDS["worst"] if moment.kind == "finding" else _LINE)
            )
            paper.rect(left, top, width, _PICTURE_MM)
            paper.set_xy(left, top + _PICTURE_MM + 1)
            _caption(paper, width, text)
        paper.set_xy(paper.l_margin, top + tall + 1)


def _caption(paper: FPDF, width: float, text: str, **options: Any) -> Any:
    paper.set_font(_FONT, "", 8)
    paper.set_text_color(*_INK)
    return paper.multi_cell(width, 3.8, text, align="L", **options)


def _height(paper: FPDF, width: float, text: str) -> float:
    return float(
        _caption(
            paper, width, text, dry_run=True, output=MethodReturnValue.HEIGHT
        )
    )


def _repetitions(
    paper: FPDF, rows: list[list[tuple[str, str]]], say: Say
) -> None:
    if len(rows) < 2:
        return
    _heading(paper, say("Repetitions"))
    paper.set_font(_FONT, "", 7)
    paper.set_text_color(*_INK)
    paper.set_draw_color(*_LINE)
    head = FontFace(emphasis="BOLD", color=_QUIET)
    widths = (2, *[3] * (len(rows[0]) - 1))
    with paper.table(
        borders_layout="HORIZONTAL_LINES",
        line_height=3.6,
        text_align="LEFT",
        headings_style=head,
        col_widths=widths,
    ) as table:
        for cells in rows:
            row = table.row()
            for text, kind in cells:
                style = (
                    FontFace(emphasis="BOLD", color=_KINDS[kind])
                    if kind
                    else None
                )
                row.cell(text, style=style)


def _curves(paper: FPDF, png: bytes, say: Say) -> None:
    """The plots over the whole width, on a new page where they do not fit."""
    from PIL import Image

    with Image.open(io.BytesIO(png)) as picture:
        tall = min(paper.epw * picture.height / picture.width, paper.eph - 20)
    if paper.get_y() + tall + 14 > paper.page_break_trigger:
        paper.add_page()
    _heading(paper, say("Curves"))
    paper.image(io.BytesIO(png), h=tall)
    paper.ln(2)
