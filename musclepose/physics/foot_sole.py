"""Where a foot can press on the floor: the part of the sole that touches, as a convex hexagon on the floor plane.

The sole of skeleton47 has four points. Heel and toe get a width (a share of the ball's), which gives six corners; the
hexagon shrinks towards its lowest corners when the foot is pitched or rolled, because only that end touches.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor

HEEL_WIDTH_SHARE = 0.6  # of the ball's width; heel 6.5 cm, ball 10 cm on an adult foot (chosen)
TOE_WIDTH_SHARE = 0.5  # chosen
BALL_FRACTION = (
    0.72,
    0.65,
)  # medial and lateral ball along heel to toe, from the sole rows of skeleton47
MAX_SHRINK = 0.6  # share of the hexagon lost when only one end touches (chosen)
SHRINK_RANGE_M = (
    0.03,
    0.12,
)  # height difference between the ends at which shrinking starts and is complete (chosen)
LOWEST_SCALE_M = 0.01  # softness of "lowest corner"
MIN_MARGIN_M = 0.005  # the reference point keeps this distance from every edge, so a steep foot still has an area


class Sole(NamedTuple):
    """Contact polygon of each foot on the floor plane; floor coordinates are world (x, z)."""

    corners_m: Float[
        Tensor, "*b k 6 2"
    ]  # medial heel, ball, toe, lateral toe, ball, heel
    reference_m: Float[Tensor, "*b k 2"]  # a point well inside
    normal: Float[Tensor, "*b k 6 2"]  # unit, inward, one per edge
    margin_m: Float[
        Tensor, "*b k 6"
    ]  # reference to edge; a point p is inside where normal @ (p - ref) + margin >= 0
    forward: Float[Tensor, "*b k 2"]  # unit, heel to toe


def _corners(sole: Float[Tensor, "*b k 4 3"]) -> Float[Tensor, "*b k 6 3"]:
    heel, medial, lateral, toe = sole.unbind(-2)
    half = 0.5 * (lateral - medial)
    heel_half = HEEL_WIDTH_SHARE * half
    toe_half = TOE_WIDTH_SHARE * half
    inner = (heel - heel_half, medial, toe - toe_half)
    outer = (toe + toe_half, lateral, heel + heel_half)
    return torch.stack((*inner, *outer), -2)


def smoothstep(
    x: Float[Tensor, "*b"], low: float, high: float
) -> Float[Tensor, "*b"]:
    """0 below `low`, 1 above `high`, 3u^2 - 2u^3 between."""
    u = ((x - low) / (high - low)).clamp(0.0, 1.0)
    return u * u * (3.0 - 2.0 * u)


def contact_sole(sole_world_m: Float[Tensor, "*b k 4 3"]) -> Sole:
    """The touching part of each sole.

    1. widen heel and toe; 2. find the lowest corner (soft); 3. shrink all corners towards it by how far the foot is
    tilted (a uniform scaling, so convex stays convex); 4. drop the height; 5. edges as inward half planes.
    """
    corners = _corners(sole_world_m)
    height = corners[..., 1]
    lowest = height.amin(-1, keepdim=True)
    share = torch.softmax(-(height - lowest) / LOWEST_SCALE_M, -1)
    anchor = (share.unsqueeze(-1) * corners).sum(-2)
    tilt = height.amax(-1) - lowest[..., 0]
    scale = 1.0 - MAX_SHRINK * smoothstep(tilt, *SHRINK_RANGE_M)
    from_anchor = corners - anchor.unsqueeze(-2)
    touching = anchor.unsqueeze(-2) + scale[..., None, None] * from_anchor
    points = touching[..., [0, 2]]
    reference = points.mean(-2)
    heel, toe = _ends(points)
    forward = torch.nn.functional.normalize(toe - heel, dim=-1, eps=1e-6)
    normal, margin = _half_planes(points, reference)
    return Sole(points, reference, normal, margin, forward)


def _ends(corners_m: Float[Tensor, "*b k 6 2"]) -> tuple[Tensor, Tensor]:
    """Middles (*b k 2) of heel and toe."""
    heel = corners_m[..., (0, 5), :].mean(-2)
    toe = corners_m[..., (2, 3), :].mean(-2)
    return heel, toe


def _half_planes(points: Tensor, reference: Tensor) -> tuple[Tensor, Tensor]:
    """Unit inward normal of each edge, and how far the reference is inside of it."""
    edge_x, edge_z = (points.roll(-1, -2) - points).unbind(-1)
    normal = torch.stack((-edge_z, edge_x), -1)
    length = (normal.square().sum(-1, keepdim=True) + 1e-12).sqrt()
    normal = normal / length
    inside_m = reference.unsqueeze(-2) - points
    margin = (normal * inside_m).sum(-1)
    side = torch.where(margin.detach() < 0.0, -1.0, 1.0)
    return normal * side.unsqueeze(-1), (margin * side).clamp_min(MIN_MARGIN_M)


def point_on_sole(
    sole: Sole, along: Float[Tensor, "*b k"], across: Float[Tensor, "*b k"]
) -> Float[Tensor, "*b k 2"]:
    """Floor point at `along` in [0, 1] (heel to toe) and `across` in [-1, 1] (medial to lateral), both clamped."""
    along = along.clamp(0.0, 1.0)
    side = 0.5 * (1.0 + across.clamp(-1.0, 1.0))
    edges = []
    for corners, ball_at in zip(
        ((0, 1, 2), (5, 4, 3)), BALL_FRACTION, strict=True
    ):
        heel_m, ball_m, toe_m = (sole.corners_m[..., i, :] for i in corners)
        rear = (along / ball_at).clamp(0.0, 1.0).unsqueeze(-1)
        front = (
            ((along - ball_at) / (1.0 - ball_at)).clamp(0.0, 1.0).unsqueeze(-1)
        )
        edges.append(
            heel_m + rear * (ball_m - heel_m) + front * (toe_m - ball_m)
        )
    medial, lateral = edges
    return medial + side.unsqueeze(-1) * (lateral - medial)


def sole_coordinates(
    sole: Sole, point_m: Float[Tensor, "*b k 2"]
) -> tuple[Tensor, Tensor]:
    """(along, across) of floor points: nearly the inverse of `point_on_sole`, unclamped (used by the fit)."""
    heel, toe = _ends(sole.corners_m)
    length = (toe - heel).square().sum(-1).sqrt().clamp_min(1e-6)
    offset = point_m - heel
    along = (offset * sole.forward).sum(-1) / length
    _, medial_ball, _, _, lateral_ball, _ = sole.corners_m.unbind(-2)
    half = 0.5 * (lateral_ball - medial_ball)
    half_along = (half * sole.forward).sum(-1, keepdim=True)
    lateral = half - half_along * sole.forward
    across = (offset * lateral).sum(-1) / lateral.square().sum(-1).clamp_min(
        1e-8
    )
    return along, across


def inside(
    sole: Sole, point_m: Float[Tensor, "*b k 2"]
) -> Float[Tensor, "*b k"]:
    """Smallest distance (m) of floor points from the sole's edges; negative outside."""
    offset = (point_m - sole.reference_m).unsqueeze(-2)
    from_edges = (sole.normal * offset).sum(-1) + sole.margin_m
    return from_edges.amin(-1)
