"""The peer of groups/checkpoint.ts: torch.save and torch.load of the same tensors."""

import os
import time

import torch
from safetensors.torch import load_file

kept: dict = {}


def version() -> str:
    return torch.__version__


def prepare(tensors: str, folder: str) -> bool:
    """Reads the tensors, and whether torch gives them back bit by bit."""
    state = load_file(tensors)
    kept.update(state=state, folder=folder, path=f"{folder}/to-load.pt")
    torch.save(state, kept["path"])
    read = torch.load(kept["path"])
    return all(torch.equal(read[name], value) for name, value in state.items())


def save(synced: bool) -> float:
    """Seconds."""
    path = f"{kept['folder']}/saved.pt"
    started = time.perf_counter()
    with open(path, "wb") as file:
        torch.save(kept["state"], file)
        if synced:
            file.flush()
            os.fsync(file.fileno())
    seconds = time.perf_counter() - started
    os.remove(path)
    return seconds


def load() -> float:
    """Seconds."""
    started = time.perf_counter()
    read = torch.load(kept["path"])
    seconds = time.perf_counter() - started
    if len(read) != len(kept["state"]):
        raise ValueError(f"{len(read)} tensors came back")
    return seconds
