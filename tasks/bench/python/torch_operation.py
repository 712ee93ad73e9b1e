"""The peer of groups/operation.ts: one small eager addition in PyTorch."""

import statistics
import time

import torch

one = torch.tensor([1.0, 2.0, 3.0])
other = torch.tensor([4.0, 5.0, 6.0])


def version() -> str:
    return torch.__version__


def time_round(operations: int, batches: int) -> float:
    """Microseconds per addition: the median of the batches."""
    times = []
    for _ in range(batches):
        started = time.perf_counter()
        for _ in range(operations):
            torch.add(one, other)
        times.append((time.perf_counter() - started) * 1e6 / operations)
    return statistics.median(times)
