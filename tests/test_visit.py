"""Sets of a visit: found again by its token alone, for an hour; saved and opened; a part of a clip on its own clock."""

from __future__ import annotations

import io
import json
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fake_analysis import fake_analysis, fake_video

from musclepose.errors import InputError
from musclepose.records import Athlete, ExternalLoad, PoseTrack, Scene
from musclepose.web.form import Form, entries_of, read_form
from musclepose.web.saved import read_saved, write_saved
from musclepose.web.session import Session
from musclepose.web.trim import WHOLE, part_of
from musclepose.web.visit import KEEP_S, MAX_KEPT, MAX_SETS, Visits


@pytest.fixture
def clock() -> list[float]:
    return [100.0]


@pytest.fixture
def visits(clock: list[float]) -> Visits:
    return Visits(now=lambda: clock[0])


def test_only_the_token_opens_a_visit_and_only_for_an_hour(
    visits: Visits, clock: list[float]
) -> None:
    mine, yours = Session(), Session()
    token, other = visits.keep(None, mine), visits.keep("forged", yours)
    assert (
        token != other and "forged" not in (token, other) and len(token) >= 32
    )
    assert visits.of(token) == [mine] and visits.of(other) == [yours]
    for wrong in (None, "", "forged", token[:-1], 3, ["x"], {"token": token}):
        assert visits.of(wrong) == []
    second = Session()
    assert visits.keep(token, second) == token
    assert visits.of(token) == [mine, second]
    clock[0] += KEEP_S - 1
    assert visits.of(token) == [
        mine,
        second,
    ]  # he was here: his hour begins anew
    clock[0] += KEEP_S - 1
    assert visits.of(other) == [] and not yours.path.exists()
    assert visits.of(token) == [mine, second] and mine.path.exists()
    clock[0] += KEEP_S + 1
    assert visits.of(token) == [] and not mine.path.exists()


def test_a_page_that_is_left_deletes_only_what_no_visit_keeps(
    visits: Visits,
) -> None:
    kept, loose = Session(), Session()
    visits.keep(None, kept)
    visits.release(kept)
    visits.release(loose)
    visits.release(None)
    assert kept.path.exists() and not loose.path.exists()
    kept.close()


def test_room_is_bounded_for_one_visit_and_for_all(
    visits: Visits, clock: list[float]
) -> None:
    sets = [Session() for _ in range(MAX_SETS + 1)]
    token: Any = None
    for session in sets:
        token = visits.keep(token, session)
    assert visits.of(token) == sets[1:] and not sets[0].path.exists()
    clock[0] += 1.0
    tokens = [visits.keep(None, Session()) for _ in range(MAX_KEPT)]
    assert (
        visits.of(token) == []
    )  # the visit that was not used longest made room
    assert sum(len(visits.of(t)) for t in tokens) == MAX_KEPT
    for t in tokens:
        for session in visits.of(t):
            session.close()


# --- a saved set ---------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def track() -> PoseTrack:
    made = fake_analysis(frames=60, size_px=(320, 180)).track
    scene = Scene(
        cuts_s=(0.5,),
        shot_s=(0.5, 1.9),
        camera_travel=0.01,
        moving_s=((1.0, 1.5),),
    )
    return replace(
        made, scene=scene, warnings=("seen",), keypoint_source="test"
    )


@pytest.fixture(scope="module")
def saved(track: PoseTrack, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("saved")
    film = fake_video(
        folder / "clip.mp4", fake_analysis(frames=60, size_px=(320, 180))
    )
    return write_saved(
        {"height": "178"}, track, film, folder / "set.musclepose"
    )


def test_a_saved_set_comes_back_as_it_was(
    saved: Path, track: PoseTrack, tmp_path: Path
) -> None:
    back = read_saved(saved, tmp_path)
    assert back.entries == {"height": "178"} and back.film.parent == tmp_path
    assert back.film.read_bytes() == (saved.parent / "clip.mp4").read_bytes()
    for name in ("keypoints_px", "confidence", "time_s"):
        assert np.array_equal(
            getattr(back.track, name), getattr(track, name), equal_nan=True
        )
    for name in (
        "size_px",
        "warnings",
        "keypoint_source",
        "scene",
        "heel_toe_px",
    ):
        assert getattr(back.track, name) == getattr(track, name), name


def _changed(saved: Path, target: Path, **members: bytes) -> Path:
    with (
        zipfile.ZipFile(saved) as old,
        zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in old.namelist():
            new.writestr(name, members.get(name.split(".")[0], old.read(name)))
    return target


def _npz(**arrays: Any) -> bytes:
    stream = io.BytesIO()
    np.savez_compressed(stream, **arrays)
    return stream.getvalue()


def test_a_hostile_or_damaged_file_is_one_sentence(
    saved: Path, tmp_path: Path
) -> None:
    one = np.ones((60, 17))
    points, time_s = np.ones((60, 17, 2)), np.arange(60) / 30
    with zipfile.ZipFile(saved) as archive:
        record = json.loads(archive.read("entries.json"))
    bad: list[dict[str, bytes]] = [
        {"entries": b"{"},
        {"entries": b"[]"},
        {"entries": json.dumps({**record, "format": 99}).encode()},
        {"entries": json.dumps({**record, "track": {**record["track"], "size_px": [-1, "x"]}}).encode()},
        {"entries": b" " * 21_000_000},
        {"track": b"PK"},
        {"track": _npz(keypoints_px=points, confidence=one, time_s=time_s[::-1])},
        {"track": _npz(keypoints_px=points, confidence=2 * one, time_s=time_s)},
        {"track": _npz(keypoints_px=np.nan * points, confidence=one, time_s=time_s)},
        {"track": _npz(keypoints_px=points[:9], confidence=one, time_s=time_s)},
        {"track": _npz(keypoints_px=1e9 * points, confidence=one, time_s=time_s)},
        {"track": _npz(keypoints_px=points, confidence=one, time_s=1e6 * time_s)},
        {"track": _npz(keypoints_px=np.array([object()] * 2), confidence=one, time_s=time_s)},
        {"track": _npz(keypoints_px=np.zeros((200_000, 17, 2)), confidence=one, time_s=time_s)},
    ]  # fmt: skip
    for i, members in enumerate(bad):
        with pytest.raises(InputError) as refusal:
            read_saved(
                _changed(saved, tmp_path / f"{i}.zip", **members), tmp_path
            )
        assert str(refusal.value).endswith(".") and "\n" not in str(
            refusal.value
        ), i
    (tmp_path / "x.zip").write_bytes(b"no archive")
    for path in (tmp_path / "x.zip", tmp_path / "absent"):
        with pytest.raises(InputError, match="no saved set"):
            read_saved(path, tmp_path)


def test_the_entries_make_the_same_form_again(tmp_path: Path) -> None:
    clip = tmp_path / "clip.mp4"
    clip.write_bytes(b"x")
    form = Form(
        clip, Athlete(1.78, 80.4, "female"), ExternalLoad(22.5, "shoulders"), 0, 4.0, "clinician", "German",
        "a note", "lunge",
    )  # fmt: skip
    assert read_form(str(clip), person=0, **entries_of(form)) == form
    plain = Form(
        clip, Athlete(), ExternalLoad(), 0, 1.0, "athlete", "English", ""
    )
    assert read_form(str(clip), person=0, **entries_of(plain)) == plain


# --- a part of a clip ----------------------------------------------------------------------------------------------


def test_a_part_has_its_own_clock_and_its_own_frames(track: PoseTrack) -> None:
    part, first = part_of(track, (0.4, 1.6))  # 30 pictures a second
    assert first == 12 and len(part.time_s) == 37
    assert part.time_s[0] == 0.0 and part.time_s[-1] == pytest.approx(1.2)
    assert np.array_equal(
        part.keypoints_px, track.keypoints_px[12:49], equal_nan=True
    )
    assert np.array_equal(part.confidence, track.confidence[12:49])
    scene = part.scene
    assert scene is not None and scene.cuts_s == pytest.approx((0.1,))
    assert scene.shot_s == pytest.approx((0.1, 1.2)) and scene.moving_s[
        0
    ] == pytest.approx((0.6, 1.1))
    assert part_of(track, WHOLE) == (track, 0)
    assert part_of(track, (None, 1.0))[1] == 0
    assert len(part_of(track, (1.0, None))[0].time_s) == 30
    for wrong in ((1.0, 1.2), (5.0, None), (0.0, 0.3)):
        with pytest.raises(InputError, match=r"clip, which lasts 1.97 s"):
            part_of(track, wrong)


@pytest.mark.parametrize(
    ("start", "end"),
    [("x", ""), ("-1", ""), ("", "900"), ("3", "2"), (True, None)],
)
def test_times_of_a_part_are_checked(
    tmp_path: Path, start: Any, end: Any
) -> None:
    clip = tmp_path / "clip.mp4"
    clip.write_bytes(b"x")
    plain = entries_of(
        Form(clip, Athlete(), ExternalLoad(), 0, 1.0, "athlete", "English", "")
    )
    with pytest.raises(InputError):
        read_form(str(clip), person=0, **plain, part_from=start, part_to=end)
    assert read_form(
        str(clip), person=0, **plain, part_from="1,5", part_to=""
    ).part == (1.5, None)
