"""The peer of groups/load.ts: torch.load of a checkpoint, once for each process."""

import resource
import time

import torch

from torch_vit import Vit


def version() -> str:
    return torch.__version__


def rewrite(path: str) -> None:
    """The same checkpoint as torch.save writes it."""
    torch.save(torch.load(path, weights_only=True), path)


def status_bytes(field: str) -> int | None:
    try:
        with open("/proc/self/status") as file:
            lines = [line for line in file if line.startswith(f"{field}:")]
    except FileNotFoundError:
        return None
    return int(lines[0].split()[1]) * 1024


def peak_bytes() -> int:
    """The most that the process ever took. Linux's other count begins with that of the parent."""
    peak = status_bytes("VmHWM")
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss if peak is None else peak


def resident_bytes() -> int:
    resident = status_bytes("VmRSS")
    return peak_bytes() if resident is None else resident


def load(path: str, model: bool) -> dict:
    network = Vit() if model else None
    before = resident_bytes()
    started = time.perf_counter()
    state = torch.load(path, weights_only=True)["model"]
    if network is not None:
        network.load_state_dict(state, strict=True)
    seconds = time.perf_counter() - started
    peak = peak_bytes() - before
    total = 0.0
    for element in sorted(float(tensor.flatten()[0]) for tensor in state.values()):
        total += element  # one after the other: sum() is more exact since Python 3.12
    return {"seconds": seconds, "peakBytes": peak, "tensors": len(state), "sum": total}
