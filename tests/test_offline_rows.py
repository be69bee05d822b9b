"""Small parts behind calibration, training and the network, against values by hand."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from musclepose.evaluation.grf import plate_wrench
from musclepose.fitting.fit_sources import pelvis_rotation
from musclepose.fitting.force_plate import Trial, read_trial
from musclepose.learning.losses import _angle_error, _limit_penalty
from musclepose.models.encoder import EncoderLayer, rotary_angles, rotate
from musclepose.physics.kinematics import SLOT_INDEX
from musclepose.physics.skeleton47 import DOF_INDEX, DOFS, limits

FLEXED = {"hip_flexion", "knee_flexion", "ankle_dorsiflexion", "elbow_flexion"}
FRAMES = 40
JOINTS = ("pelvis", "left_hip", "right_hip", "left_knee", "right_knee")
FORCE = {"left": (30.0, 500.0, -20.0), "right": (-40.0, 300.0, 10.0)}
PRESSURE = {"left": (0.3, 0.0, -0.1), "right": (0.7, 0.0, 0.15)}


def write_trial(path: Path) -> None:
    """A standing trial of 40 frames with a number of its own under each foot."""
    rows: dict[str, Any] = {}
    for side in ("left", "right"):
        rows[f"grf_{side}"] = np.tile(FORCE[side], (FRAMES, 1))
        rows[f"cop_{side}"] = np.tile(PRESSURE[side], (FRAMES, 1))
        rows[f"free_moment_{side}"] = np.zeros(FRAMES)
    positions = np.arange(len(JOINTS) * 3, dtype=float).reshape(
        1, len(JOINTS), 3
    )
    angle_names = ["pelvis_tilt", "pelvis_list", "pelvis_rotation"]
    meta = {"has_grf": True, "treadmill": False, "lowpass_hz": 6.0}
    np.savez(
        path,
        time=np.arange(FRAMES) / 100.0,
        fps=100.0,
        joint_names=np.array(JOINTS),
        joint_positions=np.repeat(positions, FRAMES, axis=0),
        joint_angle_names=np.array(angle_names),
        joint_angles=np.zeros((FRAMES, 3)),
        joint_moment_names=np.array([], dtype=str),
        joint_moments=np.zeros((FRAMES, 0)),
        dynamics_valid=np.ones(FRAMES, bool),
        com=np.zeros((FRAMES, 3)),
        subject="someone",
        activity="standing",
        mass_kg=82.0,
        height_m=1.8,
        meta=json.dumps(meta),
        **rows,
    )


@pytest.fixture
def trial(tmp_path: Path) -> Trial:
    write_trial(tmp_path / "made.npz")
    return read_trial(tmp_path / "made.npz", ("l_knee", "r_knee", "pelvis_up"))


def test_plates_and_landmarks_keep_their_side(trial: Trial) -> None:
    for i, side in enumerate(("left", "right")):
        assert trial.force_world_n[7, i].tolist() == pytest.approx(FORCE[side])
        assert trial.cop_world_m[7, i].tolist() == pytest.approx(PRESSURE[side])
        knee = 3 * JOINTS.index(f"{side}_knee")
        assert trial.points[7, i].tolist() == [knee, knee + 1, knee + 2]
    assert (trial.mass_kg, trial.stature_m, trial.dt) == (82.0, 1.8, 0.01)
    zero = {
        n: np.zeros(1)
        for n in ("pelvis_tilt", "pelvis_list", "pelvis_rotation")
    }
    assert np.allclose(pelvis_rotation(zero)[0], np.eye(3))


def test_the_pressure_comes_back_from_force_and_moment(trial: Trial) -> None:
    force, pressure = plate_wrench(trial)
    for i, side in enumerate(("left", "right")):
        assert force[20, i].tolist() == pytest.approx(FORCE[side], rel=1e-6)
        assert pressure[20, i].tolist() == pytest.approx(
            PRESSURE[side], rel=1e-6
        )


def test_an_angle_error_goes_the_short_way_round() -> None:
    """The pose says 0; a truth of 2 pi - 0.1 is 0.1 away, and a truth of 2 is cut at 1 rad."""
    zero = torch.zeros(1, 1, 18, 3)
    weight = torch.ones(1, 18)
    flexions = [i for i, dof in enumerate(DOFS) if dof.name[:-2] in FLEXED]
    for angle, expected in ((2.0 * math.pi - 0.1, 0.1), (0.3, 0.3), (2.0, 1.0)):
        q = torch.zeros(1, 1, 47)
        q[..., flexions] = angle
        error = _angle_error(zero, q, weight)
        assert float(error) == pytest.approx(expected, abs=1e-5)


def test_angles_beyond_their_limits_are_squared_and_summed() -> None:
    """A knee 0.2 rad and an ankle 0.1 rad past their limits; shoulders and the root have none here."""
    q = torch.zeros(1, 1, 47)
    lower, upper = limits()
    for name, excess in (
        ("knee_flexion_r", 0.2),
        ("ankle_dorsiflexion_l", 0.1),
    ):
        i = DOF_INDEX[name]
        q[..., i] = upper[i] + excess
    q[..., DOF_INDEX["shoulder_flexion_l"]] = 9.0
    q[..., DOF_INDEX["pelvis_tilt"]] = 9.0
    index = torch.tensor(SLOT_INDEX)
    angles = torch.nn.functional.pad(q, (0, 1))[..., index]
    assert float(_limit_penalty(angles)) == pytest.approx(
        0.2**2 + 0.1**2, rel=1e-4
    )


def test_attention_is_that_of_torch() -> None:
    """Scaled dot-product attention (Vaswani et al. 2017) with turned queries and keys, by torch's own kernel."""
    torch.manual_seed(0)
    layer = EncoderLayer(16, 4, 0.0).eval()
    x = torch.randn(2, 5, 16)
    cos, sin = rotary_angles(5, 4, x.device)
    q, k, v = (
        layer.qkv(layer.norm_attention(x))
        .view(2, 5, 3, 4, 4)
        .permute(2, 0, 3, 1, 4)
    )
    mixed = torch.nn.functional.scaled_dot_product_attention(
        rotate(q, cos, sin), rotate(k, cos, sin), v
    )
    y = x + layer.out(mixed.transpose(1, 2).reshape(2, 5, 16))
    hidden = torch.nn.functional.gelu(
        layer.up(layer.norm_forward(y)), approximate="tanh"
    )
    assert torch.allclose(layer(x, cos, sin), y + layer.down(hidden), atol=1e-6)
