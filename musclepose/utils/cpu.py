"""What the processor is good at."""

from __future__ import annotations

import os

import torch


def has_amx() -> bool:
    """True on a CPU whose matrix units make bf16 worth while; on others torch emulates it, up to 20 times slower."""
    ask = getattr(torch.cpu, "_is_amx_tile_supported", None)
    return bool(ask and ask())


def trains_in_bf16(device: torch.device) -> bool:
    """Whether the training's encoder runs in bfloat16: on a GPU, and on a CPU with AMX or AVX-512 bf16."""
    if device.type != "cpu":
        return True
    ask = getattr(torch.cpu, "_is_avx512_bf16_supported", None)
    return has_amx() or bool(ask and ask())


def usable_cores() -> int:
    """Cores that this process may use: a container or a job may have fewer than the machine."""
    affinity = getattr(os, "sched_getaffinity", None)
    return len(affinity(0)) if affinity else os.cpu_count() or 1
