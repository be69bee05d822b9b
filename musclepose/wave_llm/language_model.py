"""A language model: loading it with what was trained for it, and letting it write. This brings in transformers."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor

from musclepose.assets import asset_path
from musclepose.wave_llm.adapter import attach_adapter, attach_soft_tokens
from musclepose.wave_llm.converted import (
    converted_folder,
    read_converted,
    write_converted,
)
from musclepose.wave_llm.hugging_face import (
    AutoModelForCausalLM,
    AutoTokenizer,
    StoppingCriteria,
    StoppingCriteriaList,
    TextIteratorStreamer,
)
from musclepose.wave_llm.models import EMBEDDED, LanguageModel, default_model
from musclepose.wave_llm.prompt import Rendered
from musclepose.wave_llm.writing import embed_prompt, end_token, padding_token

MAX_NEW_TOKENS = 420
STREAM_TIMEOUT_S = 120.0


def load_base_model(name: str | None = None) -> LanguageModel:
    """A language model as its makers published it: "smollm2" (embedded), or any hub name or local folder."""
    name = name or default_model()
    if name in (EMBEDDED, "embedded"):
        path = asset_path(EMBEDDED)
        tokenizer = AutoTokenizer.from_pretrained(
            path.parent, gguf_file=path.name
        )
        model = AutoModelForCausalLM.from_pretrained(
            path.parent, gguf_file=path.name, dtype=torch.float32
        )
        return LanguageModel(EMBEDDED, model.eval(), tokenizer, "cpu", "fp32")
    return _load_published(name)


def load_language_model(
    name: str | None = None, adapter_path: str | None = None
) -> LanguageModel:
    """Language model ready to generate, 4 bit on CUDA, with its trained adapter or soft tokens where they fit."""
    if (name or default_model()) == EMBEDDED and not adapter_path:
        return _embedded()
    loaded = attach_adapter(load_base_model(name), adapter_path)
    return loaded if loaded.adapter else attach_soft_tokens(loaded)


def _embedded() -> LanguageModel:
    """The embedded model with what was trained for it; converted at the first start, mapped at later ones."""
    folder = converted_folder()
    ready = read_converted(folder)
    if ready is not None:
        return ready
    loaded = attach_adapter(load_base_model(EMBEDDED))
    if loaded.adapter:
        return loaded
    loaded = attach_soft_tokens(loaded)
    write_converted(loaded, folder)
    return loaded


def _load_published(name: str) -> LanguageModel:
    tokenizer = AutoTokenizer.from_pretrained(name, trust_remote_code=False)
    if not torch.cuda.is_available():
        model = AutoModelForCausalLM.from_pretrained(
            name, dtype=torch.bfloat16, trust_remote_code=False
        )
        return LanguageModel(name, model.eval(), tokenizer, "cpu", "bf16")
    from transformers import BitsAndBytesConfig

    four_bit = BitsAndBytesConfig(
        load_in_4bit=True,
        bnb_4bit_quant_type="nf4",
        bnb_4bit_compute_dtype=torch.bfloat16,
    )
    model = AutoModelForCausalLM.from_pretrained(
        name,
        quantization_config=four_bit,
        device_map={"": 0},
        trust_remote_code=False,
    )
    return LanguageModel(name, model.eval(), tokenizer, "cuda", "nf4")


class _Cancelled(StoppingCriteria):
    """Stops generation when an event is set."""

    def __init__(self, *events: threading.Event) -> None:
        self.events = events

    def __call__(self, input_ids: Tensor, scores: Any, **_: Any) -> Tensor:
        stop = any(e.is_set() for e in self.events)
        return torch.full(
            (input_ids.shape[0],),
            stop,
            dtype=torch.bool,
            device=input_ids.device,
        )


def generate_stream(
    language_model: LanguageModel,
    rendered: Rendered,
    soft_tokens: Tensor | None = None,
    cancel: threading.Event | None = None,
    max_new_tokens: int = MAX_NEW_TOKENS,
) -> Iterator[str]:
    """Text pieces as the model writes them (greedy). Leaving the iterator stops it; its errors are raised here."""
    lm, tokenizer = language_model, language_model.tokenizer
    streamer = TextIteratorStreamer(
        tokenizer,
        skip_prompt=False,
        timeout=STREAM_TIMEOUT_S,
        skip_special_tokens=True,
    )
    left = threading.Event()
    failure: list[BaseException] = []

    def run() -> None:
        try:
            with torch.inference_mode():
                embeddings = embed_prompt(lm, rendered, soft_tokens)
                lm.model.generate(
                    inputs_embeds=embeddings,
                    attention_mask=torch.ones(
                        embeddings.shape[:2], device=embeddings.device
                    ),
                    max_new_tokens=max_new_tokens,
                    do_sample=False,
                    streamer=streamer,
                    use_cache=True,
                    pad_token_id=padding_token(tokenizer),
                    eos_token_id=end_token(tokenizer),
                    stopping_criteria=StoppingCriteriaList(
                        [_Cancelled(left, *([cancel] if cancel else []))]
                    ),
                )
        except BaseException as error:  # handed to the reader of the stream
            failure.append(error)
        finally:
            streamer.on_finalized_text("", stream_end=True)

    thread = threading.Thread(target=run, name="coach", daemon=True)
    thread.start()
    try:
        for piece in streamer:
            if piece:
                yield piece
    finally:
        left.set()
        thread.join(timeout=30.0)
    if failure:
        raise failure[0]
