"""One visitor's session is his own, and the page hands what was entered to the one call of the pipeline."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from fake_analysis import fake_analysis

from musclepose.records import Analysis, Athlete, ExternalLoad
from musclepose.web.form import Form
from musclepose.web.session import Session, compute


def test_two_visitors_share_nothing() -> None:
    first, second = Session(), Session()
    try:
        first.turns.append(("how deep?", "very"))
        assert second.turns == []
        first.stop.set()
        assert not second.stop.is_set()
        assert first.path != second.path and first.path.is_dir() and second.path.is_dir()
        (first.path / "x").write_text("mine")
        assert not list(second.path.iterdir())
    finally:
        first.close()
        second.close()
    assert not first.path.exists()


FORM = Form(
    Path("clip.mp4"),
    Athlete(1.83, 80.0, "female"),
    ExternalLoad(22.5, "shoulders"),
    2,
    4.0,
    "clinician",
    "English",
    "a note",
)


def test_what_was_entered_reaches_the_pipeline(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    seen: dict[str, Any] = {}
    made = replace(fake_analysis(frames=30), assumed=())

    def analyse(
        video: Path, athlete: Athlete, load: ExternalLoad, person: int, options: Any, progress: Any
    ) -> Analysis:
        seen.update(
            video=video, athlete=athlete, load=load, person=person, slow=options.slow_motion
        )
        progress(1.0, "done")
        return made

    monkeypatch.setattr("musclepose.pipeline.analyse", analyse)
    monkeypatch.setattr(
        "musclepose.report.film.write_film", lambda v, time_s, out, progress=None: out
    )
    outcome = compute(FORM, tmp_path, lambda share, text: None)
    assert seen == {
        "video": FORM.video,
        "athlete": FORM.athlete,
        "load": FORM.load,
        "person": 2,
        "slow": 4.0,
    }
    assert outcome.analysis is made
