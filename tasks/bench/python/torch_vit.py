"""The ViT classifier of groups/load.ts and groups/inference.ts, under timm's and MAE's names."""

import torch
from torch import nn

from torch_step import Block

PATCH = 16


class PatchEmbed(nn.Module):
    def __init__(self, width: int):
        super().__init__()
        self.proj = nn.Conv2d(3, width, PATCH, PATCH)

    def forward(self, images):
        return self.proj(images).flatten(2).transpose(1, 2)


class Vit(nn.Module):
    """ViT-B/16 for images of 224 pixels, which pools its patches."""

    def __init__(self, width: int = 768, depth: int = 12, classes: int = 1000):
        super().__init__()
        self.cls_token = nn.Parameter(torch.zeros(1, 1, width))
        self.pos_embed = nn.Parameter(torch.zeros(1, 1 + (224 // PATCH) ** 2, width))
        self.patch_embed = PatchEmbed(width)
        self.blocks = nn.Sequential(*[Block(width) for _ in range(depth)])
        self.fc_norm = nn.LayerNorm(width, eps=1e-6)
        self.head = nn.Linear(width, classes)

    def forward(self, images):
        patches = self.patch_embed(images)
        tokens = torch.cat([self.cls_token.expand(len(images), -1, -1), patches], 1)
        tokens = self.blocks(tokens + self.pos_embed)
        return self.head(self.fc_norm(tokens[:, 1:].mean(1)))
