"""The overlay video: size, time stamps, and that what it draws is where the analysis says."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest
from fake_analysis import fake_analysis, fake_video

from musclepose.physics.skeleton47 import SEGMENTS
from musclepose.report.overlay import Painter, write_overlay
from musclepose.report.palette import FORCE, effort_table
from musclepose.report.skeleton_lines import BONES, lines_of
from musclepose.video import open_clip, probe

SIZE = (640, 360)


@pytest.fixture(scope="module")
def analysis():
    return fake_analysis(frames=45, size_px=SIZE)


def test_every_source_frame_is_written_with_its_time_stamp(
    analysis, tmp_path: Path
) -> None:
    clip = fake_video(tmp_path / "clip.mp4", analysis)
    shares: list[float] = []
    out = write_overlay(clip, analysis, tmp_path / "overlay.mp4", shares.append)
    assert probe(out).codec == "h264"
    source = [t for t, _ in open_clip(clip).frames()]
    written = [t for t, _ in open_clip(out).frames()]
    assert np.allclose(source, written, atol=1e-3)
    assert shares == sorted(shares) and shares[-1] > 0.5
    width, height = probe(out).size_px
    assert (
        width == SIZE[0] and SIZE[1] < height < SIZE[1] + 80
    )  # the readout stands under the picture


def test_large_video_comes_out_at_1280(tmp_path: Path) -> None:
    analysis = fake_analysis(frames=6, size_px=(1920, 1080))
    clip = fake_video(tmp_path / "clip.mp4", analysis)
    assert (
        probe(write_overlay(clip, analysis, tmp_path / "o.mp4")).size_px[0]
        == 1280
    )


def test_bones_carry_the_effort_colour_at_the_projected_joint(analysis) -> None:
    painter = Painter(analysis, SIZE)
    picture = painter.paint(np.zeros((SIZE[1], SIZE[0], 3), np.uint8), 0)
    knee = lines_of(analysis)
    a, b = (
        knee.points_px[0, SEGMENTS.index("thigh_r")],
        knee.points_px[0, SEGMENTS.index("shank_r")],
    )
    middle = (0.5 * (a + b)).round().astype(int)
    patch = (
        picture[middle[1] - 1 : middle[1] + 2, middle[0] - 1 : middle[0] + 2]
        .reshape(-1, 3)
        .astype(int)
    )
    effort = knee.effort_pct[
        0, [SEGMENTS.index("thigh_r"), SEGMENTS.index("shank_r")]
    ].mean()
    assert (
        np.abs(patch - effort_table()[round(effort)].astype(int))
        .sum(axis=1)
        .min()
        < 30
    )


def test_arrow_length_is_proportional_to_force_and_absent_without_contact(
    analysis,
) -> None:
    lines = lines_of(analysis)
    length = np.linalg.norm(
        lines.force_px[:, :, 1] - lines.force_px[:, :, 0], axis=2
    )
    force = np.linalg.norm(analysis.grf_world_n, axis=2)
    ratio = length / force
    assert ratio.std() / ratio.mean() < 0.1  # one depth, nearly one scale
    lifted = dataclasses.replace(
        analysis,
        grf_world_n=np.zeros_like(analysis.grf_world_n),
        cop_world_m=np.full_like(analysis.cop_world_m, np.nan),
    )
    picture = Painter(lifted, SIZE).paint(
        np.zeros((SIZE[1], SIZE[0], 3), np.uint8), 0
    )[: SIZE[1]]
    assert not (np.abs(picture.astype(int) - FORCE).sum(axis=2) < 20).any()


def test_unseen_limb_is_marked(analysis) -> None:
    hidden = len(analysis.time_s) // 4
    forearm = next(
        k for k, b in enumerate(BONES) if b.end == SEGMENTS.index("hand_l")
    )
    seen = lines_of(analysis).seen[:, forearm]
    assert seen[0] and not seen[hidden]


def test_points_behind_the_camera_and_nan_do_not_break_the_drawing(
    analysis,
) -> None:
    joints = analysis.joints_world_m.copy()
    joints[:, 5] = np.nan
    joints[:, 6] = 1e9
    picture = Painter(
        dataclasses.replace(analysis, joints_world_m=joints), SIZE
    ).paint(np.zeros((SIZE[1], SIZE[0], 3), np.uint8), 3)
    assert picture.any()


@pytest.mark.parametrize("size", [(720, 1280), (321, 241), (1280, 720)])
def test_readout_fits_every_shape(size: tuple[int, int]) -> None:
    painter = Painter(fake_analysis(frames=4, size_px=size), size)
    bar = painter.paint(np.zeros((size[1], size[0], 3), np.uint8), 0)[size[1] :]
    assert (
        bar.shape[0] % 2 == 0 and (bar[:, -3:] == bar[0, 0]).all()
    )  # nothing is cut off at the right edge
