"""YOLO11n-pose behind the PoseDetector interface. The only file that imports ultralytics (AGPL-3.0).

Picture -> longest side 640, padded to a multiple of 32 -> network -> boxes, scores, 17 joints -> non-maximum
suppression. The network module is run directly: no predictor, no settings sync, no network access, no file is decoded.

The weights are a pickle, which can run code when it is loaded. They are therefore unpickled only if their sha256 is on
the list of musclepose.assets.

Measured on two cores with AMX at 384 x 640, frames a second of the network alone: fp32 contiguous 7 to 26,
channels-last fp32 in batches of four 37 to 42, bf16 backbone with an fp32 head 57, all bf16 66 to 82. The last is not
used: it rounds the keypoints (median 0.6 px, of 640); bf16 with an fp32 head moves them by 0.08 px. Without AMX, bf16
is slower than fp32, so fp32 is used.

On a CPU, batches of four run side by side, each on one thread of its own. Threads that share a batch (torch's way)
wait for each other actively, and collapse when another program takes a core: 2 frames/s with a busy neighbour where one
thread alone makes 16.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import torch

from musclepose.assets import asset_path, assets_dir, is_listed
from musclepose.errors import AssetError
from musclepose.pose.detections import Detections, Picture
from musclepose.utils.cpu import has_amx
from musclepose.utils.torchvision_ops import make_torchvision_importable, nms

MIN_BOX_SCORE = 0.25
MAX_BOX_IOU = 0.7  # ultralytics' own setting for pose
MAX_PEOPLE = 20  # largest scores first; bounds memory on a crowd
_PICTURES_A_BATCH = 4
_MAX_WORKERS = 8
_STRIDE_PX = 32
_PAD_GREY = 114 / 255
_JOINTS = 17


def _load_network(path: Path) -> torch.nn.Module:
    """Unpickle listed weights and fuse convolution with normalisation; float32, channels last."""
    if not is_listed(path):
        raise AssetError(
            f"{path.name} is not on the list of known weights; use what musclepose.assets fetches."
        )
    for name, value in {
        "YOLO_OFFLINE": "true",
        "YOLO_AUTOINSTALL": "false",
        "YOLO_VERBOSE": "false",
        "YOLO_CONFIG_DIR": str(assets_dir().parent / "ultralytics"),
    }.items():
        os.environ.setdefault(name, value)
    make_torchvision_importable()
    from ultralytics.utils import SETTINGS

    SETTINGS["sync"] = False
    network: Any = torch.load(path, map_location="cpu", weights_only=False)[
        "model"
    ]
    return (
        network.float()
        .eval()
        .fuse(verbose=False)
        .to(memory_format=torch.channels_last)
    )


def _one_thread_workers(count: int) -> ThreadPoolExecutor:
    """Threads in each of which torch computes alone; the setting of every other thread stays as it is."""
    before = torch.get_num_threads()
    pool = ThreadPoolExecutor(
        count, "pose", initializer=torch.set_num_threads, initargs=(1,)
    )
    started = threading.Barrier(count + 1)
    for _ in range(count):
        pool.submit(started.wait)
    started.wait()
    torch.set_num_threads(before)
    return pool


class YoloPoseDetector:
    """YOLO11n-pose on the CPU, or on a GPU where torch has one."""

    name = "yolo11n"
    input_side_px = 640

    def __init__(
        self, weights: Path | None = None, device: str | None = None
    ) -> None:
        self.device = torch.device(
            device or ("cuda" if torch.cuda.is_available() else "cpu")
        )
        self._network = _load_network(weights or asset_path("yolo11n-pose")).to(
            self.device
        )
        self._bf16 = self.device.type == "cpu" and has_amx()
        if self._bf16:
            self._keep_head_in_float32()
        workers = (
            min(torch.get_num_threads(), _MAX_WORKERS)
            if self.device.type == "cpu"
            else 1
        )
        self.batch_size = _PICTURES_A_BATCH * workers
        self._workers = (
            _one_thread_workers(workers) if self.device.type == "cpu" else None
        )

    def _keep_head_in_float32(self) -> None:
        """The head turns features into pixel positions; bf16 would round those to half a pixel and more."""
        head: Any = self._network.model[-1]  # type: ignore[index]
        forward = head.forward

        def in_float32(features: list[torch.Tensor]) -> Any:
            with torch.autocast("cpu", enabled=False):
                return forward(
                    [
                        level.float().contiguous(
                            memory_format=torch.channels_last
                        )
                        for level in features
                    ]
                )

        head.forward = in_float32

    def detect(self, pictures: Sequence[Picture]) -> list[Detections]:
        """People in each picture (H, W, 3) RGB uint8; one size for all; results in the pixels of these pictures."""
        batches = [
            pictures[start : start + _PICTURES_A_BATCH]
            for start in range(0, len(pictures), _PICTURES_A_BATCH)
        ]
        run = map if self._workers is None else self._workers.map
        return [
            people
            for found in run(self._detect_batch, batches)
            for people in found
        ]

    def _detect_batch(self, pictures: Sequence[Picture]) -> list[Detections]:
        """One pass through the network."""
        height, width = pictures[0].shape[:2]
        with (
            torch.inference_mode(),
            torch.autocast("cpu", dtype=torch.bfloat16, enabled=self._bf16),
        ):
            batch, scale_x, scale_y = self._letterbox(pictures)
            output = self._network(batch)
        found: torch.Tensor = (
            (output[0] if isinstance(output, (tuple, list)) else output)
            .float()
            .cpu()
        )
        return [
            _people(one, width * scale_x, height * scale_y).scaled(
                1 / scale_x, 1 / scale_y
            )
            for one in found
        ]

    def _letterbox(
        self, pictures: Sequence[Picture]
    ) -> tuple[torch.Tensor, float, float]:
        """(B, 3, h, w) in [0, 1], padded at right and bottom; and the scale of x and y, network over picture pixels."""
        batch = (
            torch.from_numpy(np.stack(pictures))
            .to(self.device)
            .permute(0, 3, 1, 2)
            .float()
            / 255
        )
        height, width = batch.shape[2:]
        scale = self.input_side_px / max(height, width)
        size = (max(1, round(height * scale)), max(1, round(width * scale)))
        if size != (height, width):
            batch = torch.nn.functional.interpolate(
                batch,
                size=size,
                mode="bilinear",
                align_corners=False,
                antialias=scale < 1,
            )
        bottom, right = (-side % _STRIDE_PX for side in size)
        batch = torch.nn.functional.pad(
            batch, (0, right, 0, bottom), value=_PAD_GREY
        )
        return (
            batch.contiguous(memory_format=torch.channels_last),
            size[1] / width,
            size[0] / height,
        )


def _people(found: torch.Tensor, width: float, height: float) -> Detections:
    """One picture's raw output (5 + 3 * 17, anchors) -> Detections in network pixels, boxes clipped to the picture.

    Rows are box centre x, y, width, height; score; then x, y, confidence of each joint.
    """
    candidates = found.T[found[4] >= MIN_BOX_SCORE]
    centre, half = candidates[:, :2], candidates[:, 2:4] / 2
    boxes, scores = (
        torch.cat([centre - half, centre + half], dim=1),
        candidates[:, 4],
    )
    keep = nms(boxes, scores, MAX_BOX_IOU)[:MAX_PEOPLE].long()
    limit = torch.tensor([width, height, width, height])
    joints = candidates[keep, 5:].reshape(-1, _JOINTS, 3).double().numpy()
    return Detections(
        boxes_px=boxes[keep]
        .clamp(min=torch.zeros(4), max=limit)
        .double()
        .numpy(),
        scores=scores[keep].double().numpy(),
        keypoints_px=joints[..., :2],
        confidence=joints[..., 2],
    )
