"""What the training steps of this folder share: optimiser, clock, table of contenders."""

import time

import torch

contenders: dict = {}


def version() -> str:
    return torch.__version__


def device() -> str:
    return "cuda" if torch.cuda.is_available() else "cpu"


def adamw(model: torch.nn.Module, setting: dict) -> torch.optim.Optimizer:
    return torch.optim.AdamW(
        [parameter for parameter in model.parameters() if parameter.requires_grad],
        lr=setting["learningRate"],
        betas=tuple(setting["betas"]),
        eps=setting["epsilon"],
        weight_decay=setting["weightDecay"],
        fused=True,  # the fastest of PyTorch's three on a CPU too
    )


def first_steps(name: str, make, steps: int) -> dict:
    """Makes a contender; its first losses show whether it computes what the others compute."""
    started = time.perf_counter()
    contenders[name] = make()
    losses = [contenders[name].step()]
    first_step = time.perf_counter() - started
    losses += [contenders[name].step() for _ in range(steps - 1)]
    return {"losses": losses, "firstStepSeconds": first_step}


def time_round(name: str, steps: int) -> float:
    """Milliseconds per step, after one step that does not count."""
    contender = contenders[name]
    contender.step()
    if contender.device == "cuda":
        torch.cuda.synchronize()
    started = time.perf_counter()
    for _ in range(steps):
        loss = contender.step()
    if contender.device == "cuda":
        torch.cuda.synchronize()
    milliseconds = (time.perf_counter() - started) * 1000 / steps
    if loss != loss:
        raise ValueError(f"the loss of {name} is not a number")
    return milliseconds
