"""One visitor's session is his own, and the page hands what was entered to the one call of the pipeline."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from fake_analysis import fake_analysis, fake_video

from musclepose.movement.summarise import summarise
from musclepose.records import Analysis, Athlete, ExternalLoad
from musclepose.video import open_clip
from musclepose.web.form import Form
from musclepose.web.keypoints import MAX_FILES, KeptKeypoints
from musclepose.web.session import (
    Outcome,
    Session,
    begin_film,
    compute,
    make_film,
    pictures_of,
    set_before,
)


def test_two_visitors_share_nothing() -> None:
    first, second = Session(), Session()
    try:
        first.turns.append(("how deep?", "very"))
        assert second.turns == []
        first.stop.set()
        assert not second.stop.is_set()
        assert (
            first.path != second.path
            and first.path.is_dir()
            and second.path.is_dir()
        )
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


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The pipeline replaced by one that notes what it is asked for."""
    seen: list[Any] = []
    made = replace(fake_analysis(frames=30), assumed=())

    def follow(video: Path, progress: Any) -> Any:
        seen.append(("follow", video))
        progress(1.0, "found")
        return SimpleNamespace(video=video)

    def locate(video: Path, people: Any, person: int, progress: Any) -> Any:
        seen.append(("locate", video, people.video, person))
        return made.track

    def read_motion(
        track: Any, height_m: Any, options: Any, progress: Any
    ) -> Any:
        seen.append(("read", height_m, options.slow_motion))
        return SimpleNamespace(track=track)

    def analyse_read(
        read: Any, athlete: Any, load: Any, progress: Any
    ) -> Analysis:
        seen.append(("analyse", athlete, load))
        progress(1.0, "done")
        return made

    monkeypatch.setattr("musclepose.pipeline.follow", follow)
    monkeypatch.setattr("musclepose.pipeline.locate", locate)
    monkeypatch.setattr("musclepose.pipeline.read_motion", read_motion)
    monkeypatch.setattr("musclepose.pipeline.analyse_read", analyse_read)
    return seen


def _silent(share: float, text: str) -> None:
    return None


def test_what_was_entered_reaches_the_pipeline(calls: list[Any]) -> None:
    outcome = compute(replace(FORM, exercise="lunge"), KeptKeypoints(), _silent)
    assert calls == [
        ("follow", FORM.video),
        ("locate", FORM.video, FORM.video, 2),
        ("read", FORM.athlete.height_m, 4.0),
        ("analyse", FORM.athlete, FORM.load),
    ]
    assert outcome.summary.exercise.name == "lunge"


def test_a_correction_does_without_the_keypoints_and_another_person_without_the_search(
    calls: list[Any],
) -> None:
    kept = KeptKeypoints()
    compute(FORM, kept, _silent)
    heavier = replace(
        FORM,
        load=ExternalLoad(60.0),
        athlete=replace(FORM.athlete, mass_kg=90.0),
    )
    calls.clear()
    assert kept.has_read(heavier) and not KeptKeypoints().has_read(heavier)
    compute(heavier, kept, _silent)
    assert calls == [("analyse", heavier.athlete, heavier.load)]
    calls.clear()
    taller = replace(FORM, athlete=replace(FORM.athlete, height_m=1.95))
    for other in (
        taller,
        replace(FORM, slow_motion=2.0),
        replace(FORM, part=(0.0, 0.7)),
    ):
        assert not kept.has_read(other)
        compute(other, kept, _silent)
    assert [c[0] for c in calls] == 3 * ["read", "analyse"]
    calls.clear()
    compute(replace(FORM, person=1), kept, _silent)
    assert [c[0] for c in calls] == ["locate", "read", "analyse"]
    calls.clear()
    compute(replace(FORM, video=Path("other.mp4")), kept, _silent)
    assert [c[0] for c in calls] == ["follow", "locate", "read", "analyse"]


def test_only_the_newest_files_are_kept(calls: list[Any]) -> None:
    kept = KeptKeypoints()
    for i in range(MAX_FILES + 1):
        kept.track(Path(f"{i}.mp4"), 0, _silent)
    assert [p.name for p in kept.people_of] == [
        f"{i}.mp4" for i in range(1, MAX_FILES + 1)
    ]
    assert (Path("0.mp4"), 0) not in kept.tracks and (
        Path("1.mp4"),
        0,
    ) in kept.tracks


def test_the_film_is_made_again_only_where_clip_or_times_differ(
    tmp_path: Path,
) -> None:
    analysis = fake_analysis(frames=12, size_px=(320, 180))
    clip = fake_video(tmp_path / "clip.mp4", analysis)
    summary = summarise(analysis)
    form = replace(FORM, video=clip)
    first = Session(form=form, outcome=Outcome(analysis, summary))
    first.film = make_film(first, _silent)
    heavier = Session(
        form=replace(form, load=ExternalLoad(90.0)), outcome=first.outcome
    )
    begin_film(heavier, first)
    assert heavier.film is not None and heavier.filming is None
    assert (
        heavier.film.read_bytes() == first.film.read_bytes()
        and heavier.film != first.film
    )
    slower = replace(analysis, time_s=analysis.time_s / 1.5)
    second = Session(form=form, outcome=Outcome(slower, summary))
    begin_film(second, first)
    assert second.film is None and second.filming is not None
    for _ in second.filming.updates():
        pass
    for session in (first, heavier, second):
        session.close()


def test_the_set_before_is_the_newest_of_another_clip() -> None:
    """Squat A, then B, then B corrected: what B is compared with is A, before and after the correction."""
    analysis = fake_analysis(frames=12)
    summaries = [
        summarise(analysis, name) for name in ("squat", "lunge", "squat")
    ]
    clips = [FORM.video.with_name("a.mp4"), FORM.video.with_name("b.mp4")]
    first, second, again = (
        Session(
            form=replace(FORM, video=clip), outcome=Outcome(analysis, summary)
        )
        for clip, summary in zip(
            [clips[0], clips[1], clips[1]], summaries, strict=True
        )
    )

    def before(session: Session, sets: list[Session]) -> Any:
        found = set_before(session, sets)
        return found and found.summary

    assert before(first, []) is None
    assert before(second, [first]) is summaries[0]
    assert before(again, [first, second]) is summaries[0]
    assert before(first, [second]) is summaries[1]
    later = Session(
        form=again.form, outcome=Outcome(analysis, summaries[2], None, 12)
    )
    overlapping = Session(
        form=again.form, outcome=Outcome(analysis, summaries[2], None, 11)
    )
    assert (
        before(later, [again]) is summaries[2]
    )  # pictures 12 to 23 after 0 to 11 of one film
    assert before(overlapping, [again]) is None
    for session in (first, second, again, later, overlapping):
        session.close()


def test_a_part_is_computed_from_its_own_frames_and_its_film_begins_there(
    calls: list[Any], tmp_path: Path
) -> None:
    """60 pictures at 30 a second; the part from 0.5 to 1.5 s holds pictures 15 to 45."""
    analysis = fake_analysis(frames=60, size_px=(320, 180))
    clip = fake_video(tmp_path / "clip.mp4", analysis)
    form = replace(FORM, video=clip, part=(0.5, 1.5))
    kept = KeptKeypoints()
    kept.put(clip, analysis.track)
    outcome = compute(replace(form, person=0), kept, _silent)
    assert (
        outcome.first == 15
        and outcome.track is not None
        and len(outcome.track.time_s) == 31
    )
    assert [c[0] for c in calls] == [
        "read",
        "analyse",
    ]  # the keypoints were there
    part = replace(analysis, time_s=outcome.track.time_s)
    session = Session(form=form, outcome=replace(outcome, analysis=part))
    session.film = make_film(session, _silent)
    assert pictures_of(session) == session.film
    film = [p.astype(float) for _, p in open_clip(session.film).frames()]
    whole = [p.astype(float) for _, p in open_clip(clip).frames()]
    assert len(film) == 31
    for i in (0, 15, 30):
        nearest = min(
            range(60), key=lambda j: np.abs(film[i] - whole[j]).mean()
        )
        assert abs(nearest - (15 + i)) <= 1  # of a slow squat, coded twice
    session.close()
