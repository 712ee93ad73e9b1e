"""The peer of groups/inference.ts: a ViT-B/16 in PyTorch, eager and compiled."""

import time

import torch
from safetensors.torch import load_file

from torch_vit import Vit

kept: dict = {}


def version() -> str:
    return torch.__version__


def prepare(weights: str, images: str, threads: int) -> None:
    torch.set_num_threads(threads)
    model = Vit().eval()
    model.load_state_dict(load_file(weights), strict=True)
    given = load_file(images)["images"].permute(0, 3, 1, 2).contiguous()
    kept.update({False: model, True: torch.compile(model, dynamic=False), "images": given})


def run(compiled: bool, batch: int) -> torch.Tensor:
    with torch.inference_mode():
        return kept[compiled](kept["images"][:batch])


def first(compiled: bool, batch: int) -> list[float]:
    """The logits of the first image."""
    return run(compiled, batch)[0].tolist()


def time_round(compiled: bool, batch: int, batches: int) -> float:
    """Milliseconds of an image."""
    started = time.perf_counter()
    for _ in range(batches):
        run(compiled, batch)
    return (time.perf_counter() - started) * 1000 / batches / batch
