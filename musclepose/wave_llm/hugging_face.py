"""transformers, ready to use: importable beside our torchvision stand-in, and silent. It must be imported first."""

from __future__ import annotations

import logging
import warnings

from musclepose.utils.torchvision_ops import make_torchvision_importable

make_torchvision_importable()

import transformers  # noqa: E402  (after the stand-in)
from transformers import (  # noqa: E402
    AutoModelForCausalLM,
    AutoTokenizer,
    StoppingCriteria,
    StoppingCriteriaList,
    TextIteratorStreamer,
    modeling_gguf_pytorch_utils,
)
from transformers.utils.logging import disable_progress_bar  # noqa: E402

__all__ = [
    "AutoModelForCausalLM",
    "AutoTokenizer",
    "StoppingCriteria",
    "StoppingCriteriaList",
    "TextIteratorStreamer",
    "transformers",
]

# The libraries' bars and remarks would write over our own progress line.
disable_progress_bar()
modeling_gguf_pytorch_utils.tqdm = lambda items, **_: items
logging.getLogger("bitsandbytes").setLevel(logging.ERROR)
warnings.filterwarnings("ignore", category=FutureWarning, module="transformers")
