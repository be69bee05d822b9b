"""The inverse dynamics as machine code: numba kernels over blocks of frames, with their hand-written gradient.

Opt-in per process: compiling takes 15 to 30 s once per machine (afterwards the code comes from numba's cache on disk in
about a second), so nothing here runs until `enable` is called. Training calls it first thing; an app calls
`enable(background=True)`, which compiles in a process of its own at the lowest priority and takes over when the code is
on disk. Until then, without numba, on a GPU, inside `torch.func` and for second derivatives the eager version does the
work; both give the same numbers to rounding.
"""

from __future__ import annotations

import logging
import subprocess
import sys
import threading
from collections.abc import Sequence
from functools import lru_cache
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, Literal

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

from musclepose.errors import InputError
from musclepose.physics.dumas_bsip import BodyInertia
from musclepose.physics.kinematics import joint_offsets
from musclepose.physics.skeleton47 import N_DOF

if TYPE_CHECKING:
    from musclepose.physics.inverse_dynamics import ExternalWrenches
    from musclepose.physics.kernels.run import Arguments, Kernels

Backend = Literal["auto", "eager", "compiled"]
_log = logging.getLogger(__name__)
_ready: Kernels | None = None
_lock = threading.Lock()


def _load() -> None:
    global _ready
    with _lock:
        if _ready is None:
            from musclepose.physics.kernels.run import Kernels

            _ready = Kernels()


def _compile_aside() -> None:
    """Fill the cache on disk from a low-priority process, then load from it: this process hardly notices."""
    code = "import os; getattr(os, 'nice', int)(19); from musclepose.physics import compiled; compiled.enable()"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False, text=True)
    if done.returncode == 0:
        _load()
    else:
        _log.warning(
            "compiling the inverse dynamics failed, it stays eager: %s", done.stderr.strip()[-300:]
        )


def enable(background: bool = False) -> bool:
    """Make `inverse_dynamics` use the kernels from now on; False if numba is not to be had. Safe to call again.

    With `background`, return at once; the eager version works meanwhile.
    """
    if find_spec("numba") is None:
        _log.info("numba is not installed; inverse dynamics stays eager")
        return False
    if background:
        threading.Thread(
            target=_compile_aside, name="compile-inverse-dynamics", daemon=True
        ).start()
    else:
        _load()
    return True


def is_ready() -> bool:
    """Whether the kernels are compiled and loaded in this process."""
    return _ready is not None


class _Compiled(torch.autograd.Function):
    """tau (n, 47) of flat arguments in the order of `kernels.run.Arguments`, segments last."""

    @staticmethod
    def forward(ctx: Any, *arguments: Any) -> Tensor:
        assert _ready is not None
        *tensors, segments = arguments
        ctx.save_for_backward(*tensors)
        tau, ctx.prepared = _ready.forward(_flat(tensors, segments))
        return tau

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, g: Tensor) -> tuple[Tensor | None, ...]:
        assert _ready is not None
        _ = (
            ctx.saved_tensors
        )  # raises if they were changed in place since; `prepared` looks at the same memory
        gradients = _ready.backward(ctx.prepared, g, body_wanted=any(ctx.needs_input_grad[3:7]))
        return *(
            x if needed else None
            for x, needed in zip(gradients, ctx.needs_input_grad, strict=False)
        ), None


def _flat(tensors: Sequence[Tensor], segments: tuple[int, ...]) -> Arguments:
    from musclepose.physics.kernels.run import Arguments

    q, qdot, qddot, offset, mass, com, inertia, force, moment = tensors
    return Arguments((q, qdot, qddot), (offset, mass, com, inertia), segments, force, moment)


def _split_lead(lead: torch.Size, body_lead: torch.Size) -> int:
    """How many leading axes tell bodies apart; the axes after them are frames of one body."""
    padded = (1,) * (len(lead) - len(body_lead)) + tuple(body_lead)
    return max((i + 1 for i, n in enumerate(padded) if n > 1), default=0)


def _by_segment(
    w: ExternalWrenches, p_root: Tensor, lead: torch.Size
) -> tuple[tuple[int, ...], Tensor, Tensor]:
    """One force and moment about the root's origin per loaded segment: (k, n, 3) each."""
    force = w.force_world_n
    moment = w.moment_world_nm + torch.linalg.cross(w.point_world_m - p_root.unsqueeze(-2), force)
    segments = tuple(sorted(set(w.segments)))
    if segments != w.segments:
        join = torch.tensor(
            [[float(s == t) for t in w.segments] for s in segments], dtype=force.dtype
        )
        force, moment = join @ force, join @ moment
    force, moment = (
        x.expand(*lead, *x.shape[-2:]).reshape(-1, len(segments), 3).transpose(0, 1)
        for x in (force, moment)
    )
    return segments, force, moment


def use_compiled(backend: Backend, tensors: Sequence[Tensor]) -> bool:
    """Whether the kernels shall work on these tensors; "compiled" makes them ready first and insists."""
    if backend == "eager" or (backend == "auto" and _ready is None):
        return False
    fit = _fit(tensors)
    if backend == "compiled" and not (fit and enable()):
        raise InputError(
            "the compiled inverse dynamics needs numba and CPU tensors of one float type, outside torch.func."
        )
    return fit


def _fit(tensors: Sequence[Tensor]) -> bool:
    q = tensors[0]
    return (
        q.dtype in (torch.float32, torch.float64)
        and q.numel() > 0
        and all(t.device.type == "cpu" and t.dtype == q.dtype for t in tensors)
        and not torch.compiler.is_compiling()
        and not torch._C._are_functorch_transforms_active()
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
    own_lead = (1,) * (len(lead) - x.dim() + rank) + tuple(x.shape[: x.dim() - rank])
    return x.reshape(*own_lead[:split], *own).expand(*lead[:split], *own).reshape(-1, *own)


@lru_cache(maxsize=4)
def _six_of_nine(dtype: torch.dtype) -> Tensor:
    """(9, 6): mean of both triangles of a flattened 3 x 3 matrix as xx, yy, zz, xy, xz, yz."""
    out = torch.zeros(9, 6, dtype=dtype)
    for k, (i, j) in enumerate(((0, 0), (1, 1), (2, 2), (0, 1), (0, 2), (1, 2))):
        out[3 * i + j, k] += 0.5
        out[3 * j + i, k] += 0.5
    return out


def inverse_dynamics_compiled(
    q: Tensor,
    qdot: Tensor,
    qddot: Tensor,
    lengths_m: Tensor,
    inertia: BodyInertia,
    wrenches: ExternalWrenches | None,
) -> Tensor:
    """Same contract as `inverse_dynamics`; only where `use_compiled` says so."""
    assert _ready is not None
    mass, com, tensor = inertia
    body_lead = _broadcast(lengths_m.shape[:-1], mass.shape[:-1], com.shape[:-2], tensor.shape[:-3])
    leads = [x.shape[:-1] for x in (q, qdot, qddot)]
    if wrenches is not None:
        leads += [
            x.shape[:-2]
            for x in (wrenches.force_world_n, wrenches.point_world_m, wrenches.moment_world_nm)
        ]
    lead = _broadcast(body_lead, *leads)
    split = _split_lead(lead, body_lead)

    flat = len(lead) == 1
    motion = [
        x if flat and x.shape[:-1] == lead else x.expand(*lead, N_DOF).reshape(-1, N_DOF)
        for x in (q, qdot, qddot)
    ]
    six = tensor.flatten(-2) @ _six_of_nine(tensor.dtype)
    body = [
        _per_body(x, r, lead, split)
        for x, r in ((joint_offsets(lengths_m), 2), (mass, 1), (com, 2), (six, 2))
    ]
    none = motion[0].new_zeros(0, 1, 3)
    loads = ((), none, none) if wrenches is None else _by_segment(wrenches, q[..., :3], lead)
    tensors = [*motion, *body, loads[1], loads[2]]
    if torch.is_grad_enabled() and any(x.requires_grad for x in tensors):
        tau = _Compiled.apply(*tensors, loads[0])
    else:
        tau, _ = _ready.forward(_flat(tensors, loads[0]))
    return tau if flat else tau.reshape(*lead, N_DOF)
