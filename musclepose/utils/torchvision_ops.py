"""Makes `import torchvision` work beside a CPU-only torch. Call before anything imports torchvision, or transformers.

The usual torchvision wheel holds operators compiled for CUDA, which a CPU torch cannot load; its Python code then stops
with "operator torchvision::nms does not exist". Where that is so, the two missing operators are declared here, and nms
gets a plain implementation (as torch.ops.torchvision.nms; torchvision.ops.nms still refuses, nothing here needs it).
Where the compiled operators load, nothing is done.
"""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import torch

_library: torch.library.Library | None = None


def nms(
    boxes: torch.Tensor, scores: torch.Tensor, iou_threshold: float
) -> torch.Tensor:
    """Indices of the boxes (N, 4) that no better-scored kept box overlaps by more than iou_threshold, best first."""
    order = scores.argsort(descending=True, stable=True)
    left, top, right, bottom = boxes.unbind(1)
    area = (right - left) * (bottom - top)
    kept = []
    while len(order):
        best, rest = order[0], order[1:]
        kept.append(best)
        width = (
            torch.minimum(right[best], right[rest])
            - torch.maximum(left[best], left[rest])
        ).clamp(min=0)
        height = (
            torch.minimum(bottom[best], bottom[rest])
            - torch.maximum(top[best], top[rest])
        ).clamp(min=0)
        overlap = width * height
        order = rest[
            overlap <= iou_threshold * (area[best] + area[rest] - overlap)
        ]
    return torch.stack(kept) if kept else order


def _compiled_operators_load() -> bool:
    """True if the compiled library of the installed torchvision can be loaded beside this torch."""
    spec = importlib.util.find_spec("torchvision")
    if spec is None or spec.origin is None:
        return False
    for library in Path(spec.origin).parent.glob("_C*.[sdp]*"):
        try:
            torch.ops.load_library(str(library))
        except OSError:
            return False
        return hasattr(torch.ops.torchvision, "nms")
    return False


def make_torchvision_importable() -> None:
    """Declare torchvision::nms and ::qnms if, and only if, the compiled ones cannot be had. Harmless when repeated."""
    global _library
    if (
        _library is not None
        or "torchvision" in sys.modules
        or _compiled_operators_load()
    ):
        return
    _library = torch.library.Library("torchvision", "FRAGMENT")
    for name in ("nms", "qnms"):
        _library.define(
            f"{name}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor"
        )
    _library.impl("nms", nms, "CompositeExplicitAutograd")
