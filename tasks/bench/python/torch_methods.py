"""The peer of groups/methods.ts: pre-training steps of MixMIM and A2MIM with AdamW in PyTorch."""

import torch
from safetensors.torch import load_file

from torch_a2mim import A2Mim
from torch_mixmim import MixMim

# The functions that are called from outside.
from torch_training import adamw, contenders, device, first_steps, time_round, version  # noqa: F401

# Of a parameter, as many values as show whether its update is right.
SHOWN = 2048


class Contender:
    """A model with its optimiser and its batch, in one memory layout."""

    def __init__(self, setting: dict, variant: dict):
        self.device = setting["device"]
        tensors = load_file(setting["tensors"], device=self.device)
        batch = {name: tensors.pop(f"batch/{name}") for name in setting["inputs"]}
        configuration = setting["configuration"]
        if setting["method"] == "mixmim":
            model = MixMim(configuration, is_fused=variant["fusedAttention"])
        else:
            model = A2Mim(configuration)
        model.load_state_dict(tensors)
        model = model.to(self.device).train()
        if variant["channelsLast"]:
            model = model.to(memory_format=torch.channels_last)
            for name, value in batch.items():
                if value.ndim == 4:
                    batch[name] = value.contiguous(memory_format=torch.channels_last)
        self.state = model.state_dict()
        self.batch = [batch[name] for name in setting["inputs"]]
        self.model = torch.compile(model) if variant["compiled"] else model
        self.optimizer = adamw(model, setting)

    def step(self) -> float:
        self.optimizer.zero_grad()
        loss = self.model(*self.batch)
        loss.backward()
        self.optimizer.step()
        return loss.item()


def prepare(name: str, setting: dict, variant: dict, shown: list[str], steps: int) -> dict:
    """A contender with its first losses, and what the first update made of some parameters."""
    torch.set_num_threads(setting["threads"])
    result = first_steps(name, lambda: Contender(setting, variant), 1)
    contender = contenders[name]
    updated = {key: contender.state[key].flatten()[:SHOWN].tolist() for key in shown}
    result["losses"] += [contender.step() for _ in range(steps - 1)]
    return {**result, "updated": updated}


def forget(name: str) -> None:
    """Frees a contender's memory."""
    contenders.pop(name, None)
