"""A language model of true or tiny size with random weights: training step with LoRA, memory, first token, tokens/s.

Random weights cost no download and take the same time as trained ones. On CUDA the linear layers of the blocks are
4 bit (nf4), as the app loads Phi-3.5-mini; on a CPU the weights are float32.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, Literal

import torch
from torch import Tensor, nn

from musclepose.learning.language.train_bridge import with_lora
from musclepose.models.musclepose import N_SOFT_TOKENS

Size = Literal["phi", "tiny"]
# Phi-3.5-mini-instruct, from its published config.json; tiny is for machines without a GPU.
_SIZES: dict[Size, dict[str, Any]] = {
    "phi": {
        "vocab_size": 32064, "hidden_size": 3072, "intermediate_size": 8192, "num_hidden_layers": 32,
        "num_attention_heads": 32, "num_key_value_heads": 32, "max_position_embeddings": 4096,
    },
    "tiny": {
        "vocab_size": 512, "hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2,
        "num_attention_heads": 4, "num_key_value_heads": 4, "max_position_embeddings": 4096,
    },
}  # fmt: skip
LORA_RANK = 32  # alpha is twice the rank
PROMPT_TOKENS, NEW_TOKENS, TRAIN_TOKENS, TRAIN_BATCH = 256, 64, 512, 4


def random_model(size: Size, device: torch.device) -> Any:
    """A Phi-3 with random weights on a device; 4 bit inside the blocks on CUDA."""
    from transformers import Phi3Config, Phi3ForCausalLM

    torch.manual_seed(0)
    config = Phi3Config(
        **_SIZES[size], pad_token_id=0, bos_token_id=1, eos_token_id=2
    )
    dtype = torch.bfloat16 if device.type == "cuda" else torch.float32
    before = torch.get_default_dtype()
    torch.set_default_dtype(dtype)
    try:
        with torch.device(device):
            model = Phi3ForCausalLM(config)
    finally:
        torch.set_default_dtype(before)
    if device.type == "cuda":
        _to_four_bit(model, device)
    return model.eval()


def _to_four_bit(model: nn.Module, device: torch.device) -> None:
    """Every linear layer of the blocks as nf4 with bf16 arithmetic; the head stays as it is."""
    import bitsandbytes as bnb

    for name, module in list(model.named_modules()):
        for child_name, child in list(module.named_children()):
            if not isinstance(child, nn.Linear) or "lm_head" in (
                name,
                child_name,
            ):
                continue
            quantised = bnb.nn.Linear4bit(
                child.in_features, child.out_features, bias=child.bias is not None,
                compute_dtype=torch.bfloat16, quant_type="nf4",
            )  # fmt: skip
            quantised.weight = bnb.nn.Params4bit(
                child.weight.data.cpu(), requires_grad=False, quant_type="nf4"
            )
            setattr(module, child_name, quantised.to(device))


def synchronised(device: torch.device, run: Callable[[], object]) -> float:
    """Seconds of one run, with everything on the device finished."""
    if device.type == "cuda":
        torch.cuda.synchronize(device)
    begun = time.perf_counter()
    run()
    if device.type == "cuda":
        torch.cuda.synchronize(device)
    return time.perf_counter() - begun


def _peak(name: str, device: torch.device) -> dict[str, float]:
    """Peak memory since the last reset; nothing on a CPU."""
    if device.type != "cuda":
        return {}
    return {name: torch.cuda.max_memory_allocated(device) / 1e9}


def _prompt(model: Any, tokens: int, device: torch.device) -> Tensor:
    """(1, tokens, d) embeddings whose first ones are soft tokens."""
    ids = torch.randint(3, model.config.vocab_size, (1, tokens), device=device)
    embeddings = model.get_input_embeddings()(ids).detach()
    width = embeddings.shape[-1]
    embeddings[:, :N_SOFT_TOKENS] = torch.randn(
        1, N_SOFT_TOKENS, width, device=device
    ).to(embeddings)
    return embeddings


def writing(model: Any, device: torch.device) -> dict[str, float]:
    """First token and tokens/s after it, with soft tokens in the prompt; the second of two runs."""
    prompt = _prompt(model, PROMPT_TOKENS, device)
    mask = torch.ones(prompt.shape[:2], dtype=torch.long, device=device)

    def write(count: int) -> None:
        with torch.inference_mode():
            model.generate(
                inputs_embeds=prompt, attention_mask=mask, do_sample=False, pad_token_id=0,
                min_new_tokens=count, max_new_tokens=count,
            )  # fmt: skip

    write(2)
    first = synchronised(device, lambda: write(1))
    whole = synchronised(device, lambda: write(1 + NEW_TOKENS))
    return {
        "first_token_s": first,
        "tokens_per_s": NEW_TOKENS / max(whole - first, 1e-9),
        "prompt_tokens": float(PROMPT_TOKENS),
    }


def training(
    model: Any, device: torch.device, steps: int = 3
) -> dict[str, float]:
    """One step of LoRA (forward, backward, AdamW) on a batch of full length; best of `steps` after a first one."""
    if device.type == "cuda":
        torch.cuda.reset_peak_memory_stats(device)
        model.gradient_checkpointing_enable(
            gradient_checkpointing_kwargs={"use_reentrant": False}
        )
    adapted = with_lora(model, LORA_RANK, 0).train()
    weights = [p for p in adapted.parameters() if p.requires_grad]
    optimizer = torch.optim.AdamW(weights, lr=1e-4)
    ids = torch.randint(
        3, model.config.vocab_size, (TRAIN_BATCH, TRAIN_TOKENS), device=device
    )

    def step() -> None:
        with torch.autocast(
            device.type, torch.bfloat16, enabled=device.type == "cuda"
        ):
            loss = adapted(input_ids=ids, labels=ids).loss
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()

    seconds = [synchronised(device, step) for _ in range(steps + 1)][1:]
    return {
        "lora_step_s": min(seconds),
        "lora_tokens_per_s": TRAIN_BATCH * TRAIN_TOKENS / min(seconds),
        "lora_weights": float(sum(p.numel() for p in weights)),
    } | _peak("lora_peak_gb", device)


def language_row(size: Size, device: torch.device) -> dict[str, float]:
    """All figures of one model on one device."""
    model = random_model(size, device)
    row = {
        "weights": float(sum(p.numel() for p in model.parameters()))
    } | writing(model, device)
    return row | _peak("writing_peak_gb", device) | training(model, device)
