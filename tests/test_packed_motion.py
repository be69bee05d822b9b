"""Motion in one file for another machine: the same windows come out, and no other file is taken for one."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from musclepose.errors import InputError
from musclepose.learning.motion_bank import training_bank, validation_bank
from musclepose.learning.packed_motion import STEP, WeightedClips, pack, unpack
from musclepose.synthesis.exercise import generate_clip


def test_clips_come_back_as_they_were(tmp_path: Path) -> None:
    clips = [generate_clip(n, "squat", seconds=3.0).motion for n in range(3)]
    unknown = clips[1].contact.copy()
    unknown[:5, 1] = np.nan
    clips[1] = replace(clips[1], contact=unknown, mass_kg=float("nan"))
    path = tmp_path / "motion.npz"
    pack(path, WeightedClips(clips[:2], [1.0, 2.5], "two clips"), clips[2:])
    training, validation = unpack(path)
    assert training.weights == [1.0, 2.5] and training.what == "two clips"
    for was, now in zip(clips, training.clips + validation, strict=True):
        np.testing.assert_allclose(now.q, was.q, atol=STEP, rtol=1e-6)
        np.testing.assert_array_equal(now.contact, was.contact)
        np.testing.assert_array_equal(now.lengths_m, was.lengths_m)
        assert (now.name, now.subject, now.flat_floor) == (
            was.name,
            was.subject,
            was.flat_floor,
        )
        assert now.mass_kg == was.mass_kg or np.isnan(was.mass_kg)


def test_a_packed_file_stands_for_a_folder(tmp_path: Path) -> None:
    clips = [generate_clip(n, "squat", seconds=3.0).motion for n in range(3)]
    path = tmp_path / "motion.npz"
    pack(path, WeightedClips(clips[:2], [1.0, 3.0], "two clips"), clips[2:])
    bank, frames, what = training_bank(path)
    assert frames == sum(len(c.q) for c in clips[:2]) and what == "two clips"
    per_frame = bank.weight / bank.frames
    assert per_frame.tolist() == pytest.approx([1.0, 3.0])
    assert len(validation_bank(path).frames) == 1


def test_another_file_is_refused_with_a_sentence(tmp_path: Path) -> None:
    path = tmp_path / "other.npz"
    np.savez(path, q=np.zeros(3))
    with pytest.raises(InputError, match="holds no packed motion"):
        training_bank(path)
    (tmp_path / "text.npz").write_text("words")
    with pytest.raises(InputError, match="holds no packed motion"):
        validation_bank(tmp_path / "text.npz")
