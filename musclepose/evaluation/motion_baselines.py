"""Baselines of the motion evaluation: each is a function of tokens that returns points, run on the same windows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from musclepose.data.tokens import Tokens, make_tokens_from_coco
from musclepose.errors import MusclePoseError
from musclepose.evaluation.motion_metrics import LIMB, Points, points_of
from musclepose.fitting.real_motion import MotionClip
from musclepose.models.inference import BATCH_WINDOWS, Windows
from musclepose.records import Array
from musclepose.synthesis.film import Film, body_points

# (B, T, K, 3) points in metres, relative to the mid-hip, in the camera-heading frame; K as motion_metrics.points_of
Baseline = Callable[[Tokens], Float[Tensor, "b t k 3"]]
DEFAULT_PLAIN = (
    Path(__file__).resolve().parents[2]
    / "checkpoints"
    / "plain_regressor.safetensors"
)
PLAIN_MODULE = "musclepose.models.plain"  # has load_plain(path) -> Baseline

# Height of the 12 limb joints over the mid-hip, thousandths of the stature: mean over the measured training motion,
# every 30th frame (`mean_heights`, checked by a test). Headings are uniform, so the horizontal means are zero.
MEAN_HEIGHTS_PERMILLE = (
    283,
    277,
    166,
    163,
    140,
    142,
    1,
    -1,
    -195,
    -197,
    -419,
    -420,
)


def mean_heights(clips: Sequence[MotionClip], every: int = 30) -> Array:
    """(12,) mean height of the limb joints over the mid-hip, in statures."""
    parts = []
    for clip in clips:
        q, lengths = (
            torch.from_numpy(clip.q[::every]).float(),
            torch.from_numpy(clip.lengths_m).float(),
        )
        parts.append(
            (body_points(q, lengths)[:, LIMB, 1] - clip.q[::every, 1:2])
            / clip.stature_m
        )
    return np.asarray(np.concatenate(parts).mean(0))


def mean_pose(tokens: Tokens) -> Float[Tensor, "b t 12 3"]:
    """The mean training pose, the same in every frame, scaled by the told (or reference) stature."""
    heights = torch.tensor(MEAN_HEIGHTS_PERMILLE) / 1000.0
    pose = torch.stack(
        (torch.zeros_like(heights), heights, torch.zeros_like(heights)), -1
    )
    frames = tokens.features.shape[1]
    return (tokens.stature_m[:, None, None, None] * pose).expand(
        -1, frames, -1, -1
    )


def plain_regressor(path: Path) -> Baseline | str:
    """The transformer of equal size that regresses points without physics; or the reason why it is left out."""
    if not path.is_file():
        return f"there is no checkpoint {path.name}; give --plain the file that its training wrote"
    try:
        loaded: Baseline = import_module(PLAIN_MODULE).load_plain(path)
    except ModuleNotFoundError as error:
        if error.name != PLAIN_MODULE:
            raise
        return f"this version has no {PLAIN_MODULE} to read {path.name}"
    except MusclePoseError as error:
        return str(error)
    return loaded


def baselines(plain: Path) -> tuple[dict[str, Baseline], dict[str, str]]:
    """Those that can run, and why the others cannot."""
    runs: dict[str, Baseline] = {"mean_pose": mean_pose}
    skipped: dict[str, str] = {}
    regressor = plain_regressor(plain)
    if isinstance(regressor, str):
        skipped["plain"] = regressor
    else:
        runs["plain"] = regressor
    return runs, skipped


def window_tokens(film: Film, windows: Windows) -> Tokens:
    """Tokens of all windows of a clip: the same that `infer_clip` makes."""
    cut = [slice(s, s + windows.length) for s in windows.starts]
    n = len(cut)
    return make_tokens_from_coco(
        torch.stack([film.keypoints_px[c] for c in cut]),
        torch.stack([film.confidence[c] for c in cut]),
        torch.tensor(film.size_px, dtype=torch.float32).expand(n, 2),
        None if film.stature_m is None else torch.full((n,), film.stature_m),
        None
        if film.feet_px is None
        else torch.stack([film.feet_px[c] for c in cut]),
    )


def blend(
    values: Float[Tensor, "n l k 3"], windows: Windows, frames: int
) -> Float[Tensor, "t k 3"]:
    """Window values joined with the raised-cosine weights of the product's own inference."""
    weighted = values * windows.weights(frames)[..., None, None].to(values)
    out = values.new_zeros(frames, *values.shape[2:])
    for piece, start in zip(weighted, windows.starts, strict=True):
        out[start : start + windows.length] += piece
    return out


@torch.no_grad()
def run_baseline(baseline: Baseline, film: Film, window: int) -> Points:
    """Points of a whole clip."""
    frames = len(film.keypoints_px)
    windows = Windows.over(frames, window)
    tokens = window_tokens(film, windows)
    parts = [
        baseline(Tokens(*(x[i : i + BATCH_WINDOWS] for x in tokens)))
        for i in range(0, len(tokens.size), BATCH_WINDOWS)
    ]
    joined: Array = (
        blend(torch.cat(parts).float(), windows, frames).double().numpy()
    )
    return points_of(joined)
