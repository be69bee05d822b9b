"""Keypoint samples: both formats read the same, and every broken one is refused with a sentence."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch

from musclepose.data.loader import ClipDataset, load_sample, sample_from_fields
from musclepose.errors import InputError

XY = np.random.default_rng(0).uniform(50, 400, (12, 17, 2))
CONF = np.full((12, 17), 0.9)


def test_pt_and_json_read_alike(tmp_path: Path) -> None:
    fields = {
        "kxy": torch.tensor(XY),
        "kconf": torch.tensor(CONF),
        "coaching_text": "Knees out.",
        "height_m": 1.8,
        "mass_kg": 71.0,
    }
    torch.save(fields, tmp_path / "a.pt")
    points = np.concatenate((XY, CONF[..., None]), -1).tolist()
    clip = {
        "keypoints": points,
        "fps": 30,
        "coaching_text": "Knees out.",
        "height_m": 1.8,
        "mass_kg": 71.0,
    }
    (tmp_path / "b.json").write_text(json.dumps(clip))
    a, b = ClipDataset(tmp_path)
    np.testing.assert_allclose(a.track.keypoints_px, b.track.keypoints_px)
    np.testing.assert_allclose(a.track.time_s, b.track.time_s)
    assert (
        a.coaching_text == b.coaching_text == "Knees out."
        and a.athlete == b.athlete
    )
    assert (a.athlete.height_m, a.athlete.mass_kg) == (1.8, 71.0)
    assert "assumed" in a.track.warnings[0]


def test_unseen_joints_become_gaps() -> None:
    confidence = CONF.copy()
    confidence[3, 4] = 0.0
    track = sample_from_fields(
        {"kxy": XY, "kconf": confidence, "size_px": [640, 480]}, "x"
    ).track
    assert (
        np.isnan(track.keypoints_px[3, 4]).all()
        and track.size_px == (640, 480)
        and not track.warnings
    )


@pytest.mark.parametrize(
    ("fields", "word"),
    [
        ({"kconf": CONF}, "kxy"),
        ({"kxy": XY[:, :16], "kconf": CONF}, "17"),
        ({"kxy": XY[:3], "kconf": CONF[:3]}, "frames"),
        ({"kxy": XY, "kconf": CONF * 0}, "confidence"),
        ({"kxy": XY, "kconf": CONF, "fps": 0}, "frames/s"),
        ({"kxy": XY, "kconf": CONF, "time_s": [0.0] * 12}, "increasing"),
        ({"kxy": "words", "kconf": CONF}, "numbers"),
        ({"kxy": XY, "kconf": CONF, "size_px": [0, 0]}, "size_px"),
        ({"kxy": XY, "kconf": CONF, "height_m": 178}, "height"),
        ({"kxy": XY, "kconf": CONF, "height_m": "tall"}, "height_m"),
        ({"kxy": XY, "kconf": CONF, "height_m": [1.8]}, "one number"),
        ({"kxy": XY, "kconf": CONF, "fps": [30, 30]}, "one number"),
        ({"kxy": XY, "kconf": CONF, "fps": "fast"}, "fps"),
        ({"kxy": XY * 0, "kconf": CONF}, "span less than 16 pixels"),
        (
            {"kxy": XY, "kconf": CONF, "time_s": np.linspace(0, 1e9, 12)},
            "lasts 1e+09 s",
        ),
        ({"kxy": XY / 500, "kconf": CONF}, "shares of the picture"),
        ({"kxy": XY - 1000, "kconf": CONF}, "negative pixels"),
        ({"kxy": XY * 1e10, "kconf": CONF}, "pixels up to 32768"),
        ({"kxy": XY, "kconf": CONF * 100}, "from 90 to 90"),
        ({"kxy": XY, "kconf": CONF, "sex": ["male"]}, "sex"),
    ],
)
@pytest.mark.usefixtures("unchecked")
def test_what_cannot_be_used_gets_one_sentence(fields: dict, word: str) -> None:
    with pytest.raises(InputError) as error:
        sample_from_fields(fields, "clip.pt")
    assert word in str(error.value) and "\n" not in str(error.value)


def test_tensors_that_learn_are_read_like_others() -> None:
    kxy = torch.tensor(XY, requires_grad=True)
    sample = sample_from_fields(
        {"kxy": kxy, "kconf": torch.tensor(CONF)}, "clip.pt"
    )
    np.testing.assert_allclose(sample.track.keypoints_px, XY)


def test_a_point_just_outside_the_picture_is_allowed() -> None:
    xy = XY.copy()
    xy[:, 9] = (-20.0, 100.0)
    assert (
        sample_from_fields({"kxy": xy, "kconf": CONF}, "x").track.keypoints_px[
            0, 9, 0
        ]
        == -20.0
    )


def test_code_in_a_pickle_is_never_run(tmp_path: Path) -> None:
    class Evil:
        def __reduce__(self) -> tuple:
            return (Path.touch, (tmp_path / "ran",))

    torch.save({"kxy": Evil()}, tmp_path / "evil.pt")
    with pytest.raises(InputError, match="no readable sample"):
        load_sample(tmp_path / "evil.pt")
    assert not (tmp_path / "ran").exists()


def test_frames_come_at_the_rate_that_the_file_tells() -> None:
    track = sample_from_fields(
        {"kxy": XY, "kconf": CONF, "fps": 60.0}, "x"
    ).track
    np.testing.assert_allclose(track.time_s, np.arange(len(XY)) / 60.0)
