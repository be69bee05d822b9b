"""The look: a small calm palette on gradio's own components, with fonts that every machine has."""

from __future__ import annotations

from typing import Any

import gradio as gr
from gradio.themes.utils import colors, sizes

_INK = colors.Color(
    name="ink", c50="#f6f8fa", c100="#eceff3", c200="#dce2e9", c300="#c3ccd6", c400="#93a0ae", c500="#66737f",
    c600="#4a5661", c700="#353f49", c800="#222a33", c900="#171d25", c950="#10151b",
)  # fmt: skip
_SEA = colors.Color(
    name="sea", c50="#eef8f8", c100="#d3eeee", c200="#a8dcdd", c300="#72c3c6", c400="#3fa3a8", c500="#1f858b",
    c600="#156a71", c700="#12555b", c800="#10444a", c900="#0d363b", c950="#082225",
)  # fmt: skip
_FONT = (
    "system-ui",
    "-apple-system",
    "Segoe UI",
    "Roboto",
    "Helvetica Neue",
    "Noto Sans",
    "DejaVu Sans",
    "sans-serif",
)


def theme() -> Any:
    """Gradio theme; no font is fetched from anywhere."""
    base = gr.themes.Base(
        primary_hue=_SEA,
        secondary_hue=_SEA,
        neutral_hue=_INK,
        radius_size=sizes.radius_md,
        spacing_size=sizes.spacing_md,
        text_size=sizes.text_md,
        font=_FONT,
        font_mono=("ui-monospace", "Consolas", "DejaVu Sans Mono", "monospace"),
    )
    return base.set(
        body_background_fill="*neutral_50",
        body_background_fill_dark="*neutral_950",
        block_background_fill="white",
        block_background_fill_dark="*neutral_900",
        block_border_width="1px",
        block_border_color="*neutral_200",
        block_border_color_dark="*neutral_800",
        block_shadow="none",
        block_label_background_fill="white",
        block_label_background_fill_dark="*neutral_900",
        block_label_border_width="0px",
        block_label_text_color="*neutral_600",
        block_label_text_color_dark="*neutral_300",
        block_title_text_color="*neutral_700",
        block_title_text_color_dark="*neutral_200",
        block_title_text_weight="600",
        button_primary_background_fill="*primary_600",
        button_primary_background_fill_hover="*primary_700",
        button_primary_background_fill_dark="*primary_400",
        button_primary_background_fill_hover_dark="*primary_300",
        input_placeholder_color="*neutral_500",
        input_placeholder_color_dark="*neutral_400",
        button_primary_text_color="white",
        button_primary_text_color_dark="*neutral_950",
        input_background_fill="*neutral_50",
        input_background_fill_dark="*neutral_950",
        input_border_color="*neutral_300",
        input_border_color_dark="*neutral_700",
    )
