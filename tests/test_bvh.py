"""motion.bvh read back by the strict BVH reader of the importer: the joints lie where they lay."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest
from fake_analysis import fake_analysis

from musclepose.fitting.import_bvh import read_bvh
from musclepose.fitting.import_skeleton import Recording, world_positions
from musclepose.physics.skeleton47 import DOF_INDEX, PARENTS, SEGMENTS
from musclepose.records import Analysis, Array
from musclepose.report.bvh import write_bvh


def _turned() -> Analysis:
    """A squat in which every joint moves, each in its own way, and the body turns all the way round."""
    import torch

    from musclepose.physics.kinematics import forward_kinematics

    made = fake_analysis(frames=90)
    q, rng = made.q.copy(), np.random.default_rng(3)
    q[:, 6:] += 0.3 * np.sin(
        made.time_s[:, None] * rng.uniform(1, 3, 41) + rng.uniform(0, 6, 41)
    )
    q[:, DOF_INDEX["pelvis_rotation"]] = np.linspace(0.0, 2.0 * np.pi, len(q))
    lengths = made.lengths_m * rng.uniform(0.8, 1.2, 13)
    pose = forward_kinematics(torch.from_numpy(q), torch.from_numpy(lengths))
    joints = pose.p_world_seg.numpy()
    return dataclasses.replace(
        made, q=q, lengths_m=lengths, joints_world_m=joints
    )


@pytest.fixture(scope="module")
def analysis() -> Analysis:
    return _turned()


@pytest.fixture(scope="module")
def recording(
    analysis: Analysis, tmp_path_factory: pytest.TempPathFactory
) -> Recording:
    path = tmp_path_factory.mktemp("bvh") / "motion.bvh"
    return read_bvh(write_bvh(path, analysis, analysis.lengths_m), unit_m=1.0)


def _places(recording: Recording) -> dict[str, Array]:
    places = world_positions(
        recording.skeleton, recording.R_parent_node, recording.root
    )
    return {
        name: places[:, i] for i, name in enumerate(recording.skeleton.names)
    }


def test_every_joint_is_where_it_was(
    analysis: Analysis, recording: Recording
) -> None:
    places = _places(recording)
    for i, name in enumerate(SEGMENTS):
        assert np.allclose(
            places[name], analysis.joints_world_m[:, i], atol=2e-5
        ), name
    assert recording.fps == pytest.approx(30.0, rel=1e-6)


def test_the_tree_is_ours_and_ends_at_crown_fingers_and_toes(
    recording: Recording,
) -> None:
    names, parents = recording.skeleton.names, recording.skeleton.parents
    above = {
        name: names[p] if p >= 0 else ""
        for name, p in zip(names, parents, strict=True)
    }
    for name, parent in zip(SEGMENTS, PARENTS, strict=True):
        assert above[name] == (SEGMENTS[parent] if parent >= 0 else "")
    ends = {name for name in names if name.endswith(".end")}
    assert ends == {
        f"{n}.end" for n in ("head", "hand_l", "hand_r", "foot_l", "foot_r")
    }


def test_the_toes_are_in_front_of_the_ankle_and_at_the_floor(
    tmp_path: Path,
) -> None:
    standing = fake_analysis(frames=30)
    path = write_bvh(tmp_path / "a.bvh", standing, standing.lengths_m)
    places = _places(read_bvh(path, unit_m=1.0))
    for side in "lr":
        toe, ankle = places[f"foot_{side}.end"][0], places[f"foot_{side}"][0]
        assert (
            toe[0] - ankle[0] > 0.08
            and abs(toe[1]) < 0.03
            and toe[1] < ankle[1]
        )


def test_angles_do_not_jump(analysis: Analysis, tmp_path: Path) -> None:
    path = write_bvh(tmp_path / "a.bvh", analysis, analysis.lengths_m)
    rows = path.read_text("utf-8").split("Frame Time:")[1].splitlines()[1:]
    angles = np.array([row.split() for row in rows], float)[:, 3:]
    assert np.abs(np.diff(angles, axis=0)).max() < 45.0
