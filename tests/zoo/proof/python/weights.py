"""Random weights that leave no error hidden: nothing is zero, one, or the same for all channels.

Libraries start biases at 0, norms at 1, layer scales at 1e-6 and running statistics at 0 and 1: two of
those in each other's places would make no difference. The sizes are such that activations stay of the
order of 1 through the network, and the head's such that logits are a few apart.
"""

import torch
from torch import nn

# Of the logits: far enough apart that classes are not all alike.
LOGIT_SPREAD = 2.0


def normal(tensor: torch.Tensor, spread: float, generator: torch.Generator) -> None:
    tensor.copy_(torch.randn(tensor.shape, generator=generator) * spread)


def between(tensor: torch.Tensor, least: float, most: float, generator) -> None:
    tensor.copy_(torch.rand(tensor.shape, generator=generator) * (most - least) + least)


def draw_module(module: nn.Module, generator: torch.Generator) -> set[int]:
    """Draws what a layer of a known kind holds, and says which tensors those were."""
    drawn = []
    if isinstance(module, (nn.Linear, nn.Conv2d)):
        inputs = module.weight[0].numel()
        normal(module.weight, inputs**-0.5, generator)
        drawn.append(module.weight)
    elif isinstance(module, nn.Embedding):
        normal(module.weight, 0.5, generator)
        drawn.append(module.weight)
    elif isinstance(module, (nn.LayerNorm, nn.BatchNorm2d)):
        between(module.weight, 0.5, 1.5, generator)
        drawn.append(module.weight)
    if isinstance(module, nn.BatchNorm2d):
        normal(module.running_mean, 0.2, generator)
        between(module.running_var, 0.5, 1.5, generator)
        module.num_batches_tracked.fill_(int(torch.randint(1, 10_000, (), generator=generator)))
        drawn += [module.running_mean, module.running_var, module.num_batches_tracked]
    bias = getattr(module, "bias", None)
    if drawn and isinstance(bias, torch.Tensor):
        normal(bias, 0.2, generator)
        drawn.append(bias)
    return {id(tensor) for tensor in drawn}


def draw(model: nn.Module, seed: int, zero: list[str]) -> None:
    """Draws every parameter and running statistic of a model, but leaves some at zero."""
    generator = torch.Generator().manual_seed(seed)
    drawn: set[int] = set()
    with torch.no_grad():
        for module in model.modules():
            drawn |= draw_module(module, generator)
        for name, parameter in model.named_parameters():
            if name in zero:
                parameter.zero_()
            elif id(parameter) in drawn:
                continue
            elif "logit_scale" in name:
                parameter.fill_(2.5)  # about as CLIP starts: a similarity of 1 is a logit of 12
            elif "scale" in name or name.endswith("gamma"):
                between(parameter, 0.2, 0.8, generator)
            else:  # tokens, position embeddings, tables of biases, projections
                spread = parameter.shape[0] ** -0.5 if "proj" in name else 0.5
                normal(parameter, spread, generator)


def round_to(model: nn.Module, dtype: torch.dtype) -> None:
    """Leaves of each floating-point weight what the other type can hold."""
    with torch.no_grad():
        for tensor in [*model.parameters(), *model.buffers()]:
            if tensor.is_floating_point():
                tensor.copy_(tensor.to(dtype).to(tensor.dtype))


def scale_head(head: nn.Linear, logits: torch.Tensor) -> None:
    """Brings the logits, of which some are given, to their spread."""
    with torch.no_grad():
        head.weight.mul_(LOGIT_SPREAD / logits.std())


def strided(tensor: torch.Tensor) -> torch.Tensor:
    """The same values in another order in memory, and not from the start of their storage."""
    if tensor.ndim == 0:
        return tensor
    padded = torch.cat([tensor.flatten()[:1].expand(3), tensor.permute(
        *reversed(range(tensor.ndim))).flatten()])
    return padded[3:].view(*reversed(tensor.shape)).permute(*reversed(range(tensor.ndim)))
