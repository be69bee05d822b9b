"""The inverse dynamics as machine code: numba kernels over blocks of frames, with their hand-written gradient.

How fast the 47-DoF body can be on a CPU, for the benchmark; no product path runs it, because compiling takes 15 to 30 s
once per machine and a clip of ten seconds needs 10 ms of inverse dynamics. Both versions give the same numbers to
rounding.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

from musclepose.errors import InputError
from musclepose.physics.dumas_bsip import BodyInertia
from musclepose.physics.inverse_dynamics import ExternalWrenches
from musclepose.physics.kinematics import joint_offsets
from musclepose.physics.skeleton47 import N_DOF

if TYPE_CHECKING:
    from musclepose.benchmark.kernels.run import Arguments, Kernels


@lru_cache(maxsize=1)
def kernels() -> Kernels:
    """The kernels, compiled on first use and kept in numba's cache on disk. Raises InputError without numba."""
    if find_spec("numba") is None:
        raise InputError(
            "the compiled inverse dynamics needs numba (requirements-dev.txt)."
        )
    from musclepose.benchmark.kernels.run import Kernels

    return Kernels()


class _Compiled(torch.autograd.Function):
    """tau (n, 47) of flat arguments in the order of `kernels.run.Arguments`, segments last."""

    @staticmethod
    def forward(ctx: Any, *arguments: Any) -> Tensor:
        *tensors, segments = arguments
        ctx.save_for_backward(*tensors)
        tau, ctx.prepared = kernels().forward(_flat(tensors, segments))
        return tau

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, g: Tensor) -> tuple[Tensor | None, ...]:
        _ = ctx.saved_tensors  # raises if they were changed in place since; `prepared` looks at the same memory
        gradients = kernels().backward(
            ctx.prepared, g, body_wanted=any(ctx.needs_input_grad[3:7])
        )
        return *(
            x if needed else None
            for x, needed in zip(gradients, ctx.needs_input_grad, strict=False)
        ), None


def _flat(tensors: Sequence[Tensor], segments: tuple[int, ...]) -> Arguments:
    from musclepose.benchmark.kernels.run import Arguments

    q, qdot, qddot, offset, mass, com, inertia, force, moment = tensors
    return Arguments(
        (q, qdot, qddot), (offset, mass, com, inertia), segments, force, moment
    )


def _split_lead(lead: torch.Size, body_lead: torch.Size) -> int:
    """How many leading axes tell bodies apart; the axes after them are frames of one body."""
    padded = (1,) * (len(lead) - len(body_lead)) + tuple(body_lead)
    return max((i + 1 for i, n in enumerate(padded) if n > 1), default=0)


def _by_segment(
    w: ExternalWrenches, p_root: Tensor, lead: torch.Size
) -> tuple[tuple[int, ...], Tensor, Tensor]:
    """One force and moment about the root's origin per loaded segment: (k, n, 3) each."""
    force = w.force_world_n
    moment = w.moment_world_nm + torch.linalg.cross(
        w.point_world_m - p_root.unsqueeze(-2), force
    )
    segments = tuple(sorted(set(w.segments)))
    if segments != w.segments:
        join = torch.tensor(
            [[float(s == t) for t in w.segments] for s in segments],
            dtype=force.dtype,
        )
        force, moment = join @ force, join @ moment
    force, moment = (
        x.expand(*lead, *x.shape[-2:])
        .reshape(-1, len(segments), 3)
        .transpose(0, 1)
        for x in (force, moment)
    )
    return segments, force, moment


def _check(tensors: Sequence[Tensor]) -> None:
    q = tensors[0]
    fit = (
        q.dtype in (torch.float32, torch.float64)
        and q.numel() > 0
        and all(t.device.type == "cpu" and t.dtype == q.dtype for t in tensors)
        and not torch._C._are_functorch_transforms_active()
    )
    if not fit:
        raise InputError(
            "the compiled inverse dynamics needs CPU tensors of one float type, at least one frame, outside torch.func."
        )


def _broadcast(*shapes: torch.Size) -> torch.Size:
    """`torch.broadcast_shapes`, whose 25 us count here, after a look at the common case."""
    longest = max(shapes, key=len)
    if all(len(s) == 0 or s == longest for s in shapes):
        return longest
    return torch.broadcast_shapes(*shapes)


def _per_body(x: Tensor, rank: int, lead: torch.Size, split: int) -> Tensor:
    """(B, ...) from x with `rank` axes of its own, B the product of the first `split` leading axes."""
    if split == 0 and x.dim() == rank:
        return x.unsqueeze(0)
    own = x.shape[x.dim() - rank :]
    own_lead = (1,) * (len(lead) - x.dim() + rank) + tuple(
        x.shape[: x.dim() - rank]
    )
    return (
        x.reshape(*own_lead[:split], *own)
        .expand(*lead[:split], *own)
        .reshape(-1, *own)
    )


@lru_cache(maxsize=4)
def _six_of_nine(dtype: torch.dtype) -> Tensor:
    """(9, 6): mean of both triangles of a flattened 3 x 3 matrix as xx, yy, zz, xy, xz, yz."""
    out = torch.zeros(9, 6, dtype=dtype)
    for k, (i, j) in enumerate(
        ((0, 0), (1, 1), (2, 2), (0, 1), (0, 2), (1, 2))
    ):
        out[3 * i + j, k] += 0.5
        out[3 * j + i, k] += 0.5
    return out


def _leads(
    motion: tuple[Tensor, Tensor, Tensor],
    lengths_m: Tensor,
    inertia: BodyInertia,
    wrenches: ExternalWrenches | None,
) -> tuple[torch.Size, torch.Size]:
    """Shape before the coordinates: of everything together, and of the bodies."""
    mass, com, tensor = inertia
    body = _broadcast(
        lengths_m.shape[:-1], mass.shape[:-1], com.shape[:-2], tensor.shape[:-3]
    )
    leads = [x.shape[:-1] for x in motion]
    if wrenches is not None:
        loads = (
            wrenches.force_world_n,
            wrenches.point_world_m,
            wrenches.moment_world_nm,
        )
        leads += [x.shape[:-2] for x in loads]
    return _broadcast(body, *leads), body


def inverse_dynamics_compiled(
    q: Tensor,
    qdot: Tensor,
    qddot: Tensor,
    lengths_m: Tensor,
    inertia: BodyInertia,
    wrenches: ExternalWrenches | None = None,
) -> Tensor:
    """Same contract as `inverse_dynamics`. Raises InputError where the kernels cannot work."""
    _check((q, qdot, qddot, lengths_m, *inertia, *(wrenches or ())[:3]))
    mass, com, tensor = inertia
    lead, body_lead = _leads((q, qdot, qddot), lengths_m, inertia, wrenches)
    split = _split_lead(lead, body_lead)
    flat = len(lead) == 1
    motion = [
        x
        if flat and x.shape[:-1] == lead
        else x.expand(*lead, N_DOF).reshape(-1, N_DOF)
        for x in (q, qdot, qddot)
    ]
    six = tensor.flatten(-2) @ _six_of_nine(tensor.dtype)
    body = [
        _per_body(x, r, lead, split)
        for x, r in (
            (joint_offsets(lengths_m), 2),
            (mass, 1),
            (com, 2),
            (six, 2),
        )
    ]
    none = motion[0].new_zeros(0, 1, 3)
    loads = (
        ((), none, none)
        if wrenches is None
        else _by_segment(wrenches, q[..., :3], lead)
    )
    tensors = [*motion, *body, loads[1], loads[2]]
    if torch.is_grad_enabled() and any(x.requires_grad for x in tensors):
        tau = _Compiled.apply(*tensors, loads[0])
    else:
        tau, _ = kernels().forward(_flat(tensors, loads[0]))
    return tau if flat else tau.reshape(*lead, N_DOF)
