"""The peer of groups/step.ts: the same transformer training step with AdamW in PyTorch."""

import torch
import torch.nn.functional as F
from safetensors.torch import load_file
from torch import nn

# The functions that are called from outside.
from torch_training import adamw, device, first_steps, time_round, version  # noqa: F401

HEAD_WIDTH = 64


class Attention(nn.Module):
    def __init__(self, width: int):
        super().__init__()
        self.qkv = nn.Linear(width, 3 * width)
        self.proj = nn.Linear(width, width)

    def forward(self, x):
        batch, tokens, width = x.shape
        heads = self.qkv(x).reshape(batch, tokens, 3, width // HEAD_WIDTH, HEAD_WIDTH)
        query, key, value = heads.permute(2, 0, 3, 1, 4)
        attended = F.scaled_dot_product_attention(query, key, value)
        return self.proj(attended.transpose(1, 2).reshape(batch, tokens, width))


class Mlp(nn.Module):
    def __init__(self, width: int):
        super().__init__()
        self.fc1 = nn.Linear(width, 4 * width)
        self.fc2 = nn.Linear(4 * width, width)

    def forward(self, x):
        return self.fc2(F.gelu(self.fc1(x)))


class Block(nn.Module):
    def __init__(self, width: int):
        super().__init__()
        self.norm1 = nn.LayerNorm(width, eps=1e-6)
        self.attn = Attention(width)
        self.norm2 = nn.LayerNorm(width, eps=1e-6)
        self.mlp = Mlp(width)

    def forward(self, x):
        x = x + self.attn(self.norm1(x))
        return x + self.mlp(self.norm2(x))


class Model(nn.Module):
    def __init__(self, width: int, blocks: int, outputs: int):
        super().__init__()
        self.blocks = nn.Sequential(*[Block(width) for _ in range(blocks)])
        self.head = nn.Linear(width, outputs, bias=False)

    def forward(self, x):
        return self.head(self.blocks(x))


class Contender:
    """A model with its optimiser, and how a step of it runs."""

    def __init__(self, setting: dict, is_compiled: bool, is_bfloat16: bool):
        self.device = setting["device"]
        tensors = load_file(setting["tensors"], device=self.device)
        self.inputs, self.targets = tensors.pop("inputs"), tensors.pop("targets")
        model = Model(setting["width"], setting["blocks"], self.targets.shape[-1]).to(self.device)
        # The file holds matrices as [in, out]; PyTorch keeps them as [out, in].
        model.load_state_dict(
            {name: (t.T.contiguous() if t.ndim == 2 else t) for name, t in tensors.items()}
        )
        self.model = torch.compile(model) if is_compiled else model
        self.is_bfloat16 = is_bfloat16
        self.optimizer = adamw(model, setting)

    def step(self) -> float:
        self.optimizer.zero_grad()
        with torch.autocast(self.device, dtype=torch.bfloat16, enabled=self.is_bfloat16):
            output = self.model(self.inputs)
        loss = (output.float() - self.targets).square().mean()
        loss.backward()
        self.optimizer.step()
        return loss.item()


def has_bfloat16_instructions() -> bool:
    return bool(torch.ops.mkldnn._is_mkldnn_bf16_supported())


def prepare(name: str, setting: dict, compiled: bool, bfloat16: bool, steps: int) -> dict:
    torch.set_num_threads(setting["threads"])
    if bfloat16 and setting["device"] == "cpu" and not has_bfloat16_instructions():
        raise RuntimeError(
            "this processor has no instructions for which PyTorch has bfloat16 products; "
            "without them a step takes minutes"
        )
    return first_steps(name, lambda: Contender(setting, compiled, bfloat16), steps)
