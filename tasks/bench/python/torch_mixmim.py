"""MixMIM's pre-training model in PyTorch, under the names of the original's state dict."""

import torch
import torch.nn.functional as F
from torch import nn

# What keeps tokens of different source images apart in the softmax.
FAR = 1e30


def relative_positions(window: int) -> torch.Tensor:
    """Row of the bias table for each pair of tokens of a window, (w², w²)."""
    rows, columns = torch.meshgrid(torch.arange(window), torch.arange(window), indexing="ij")
    places = torch.stack([rows.flatten(), columns.flatten()], dim=1)
    offsets = places[:, None] - places[None, :] + window - 1
    return offsets[..., 0] * (2 * window - 1) + offsets[..., 1]


def to_windows(x: torch.Tensor, window: int) -> torch.Tensor:
    """(B, H, W, C) to (B · windows, w², C), windows and their tokens row by row."""
    batch, height, width, channels = x.shape
    x = x.view(batch, height // window, window, width // window, window, channels)
    return x.transpose(2, 3).reshape(-1, window * window, channels)


def from_windows(windows: torch.Tensor, window: int, height: int, width: int) -> torch.Tensor:
    x = windows.view(-1, height // window, width // window, window, window, windows.shape[-1])
    return x.transpose(2, 3).reshape(-1, height, width, windows.shape[-1])


def attend(query, key, value, bias, is_fused: bool):
    """Softmax attention, written out as the original has it or as PyTorch's one function."""
    if is_fused:
        return F.scaled_dot_product_attention(query, key, value, attn_mask=bias)
    logits = (query * query.shape[-1] ** -0.5) @ key.transpose(-2, -1)
    if bias is not None:
        logits = logits + bias
    return logits.softmax(dim=-1) @ value


class Attention(nn.Module):
    def __init__(self, width: int, heads: int, is_fused: bool):
        super().__init__()
        self.heads, self.is_fused = heads, is_fused
        self.qkv = nn.Linear(width, 3 * width)
        self.proj = nn.Linear(width, width)

    def forward(self, x, bias=None):
        batch, tokens, width = x.shape
        heads = self.qkv(x).reshape(batch, tokens, 3, self.heads, width // self.heads)
        query, key, value = heads.permute(2, 0, 3, 1, 4).unbind(0)
        attended = attend(query, key, value, bias, self.is_fused)
        return self.proj(attended.transpose(1, 2).reshape(batch, tokens, width))


class WindowAttention(Attention):
    def __init__(self, width: int, heads: int, window: int, is_fused: bool):
        super().__init__(width, heads, is_fused)
        self.relative_position_bias_table = nn.Parameter(
            torch.zeros((2 * window - 1) ** 2, heads)
        )
        positions = relative_positions(window)
        self.register_buffer("relative_position_index", positions, persistent=False)

    def forward(self, x, mask):
        """`mask` (windows, w², 1): tokens see only tokens of their own image."""
        table = self.relative_position_bias_table[self.relative_position_index]
        bias = table.permute(2, 0, 1)[None]  # (1, heads, w², w²)
        other = mask.transpose(-2, -1)
        same = mask * other + (1 - mask) * (1 - other)  # (windows, w², w²)
        apart = -FAR * (1 - same)
        images = x.shape[0] // mask.shape[0]
        return super().forward(x, bias + apart.repeat(images, 1, 1)[:, None])


class Mlp(nn.Module):
    def __init__(self, width: int, ratio: float):
        super().__init__()
        self.fc1 = nn.Linear(width, int(width * ratio))
        self.fc2 = nn.Linear(int(width * ratio), width)

    def forward(self, x):
        return self.fc2(F.gelu(self.fc1(x)))


class WindowBlock(nn.Module):
    def __init__(self, width: int, heads: int, window: int, ratio: float, is_fused: bool):
        super().__init__()
        self.window = window
        self.norm1 = nn.LayerNorm(width)
        self.attn = WindowAttention(width, heads, window, is_fused)
        self.norm2 = nn.LayerNorm(width)
        self.mlp = Mlp(width, ratio)

    def forward(self, x, mask):
        """`x` (B, H, W, C), `mask` (1, H, W, 1)."""
        _, height, width, _ = x.shape
        windows = to_windows(self.norm1(x), self.window)
        attended = self.attn(windows, to_windows(mask, self.window))
        x = x + from_windows(attended, self.window, height, width)
        return x + self.mlp(self.norm2(x))


class PatchMerging(nn.Module):
    def __init__(self, width: int):
        super().__init__()
        self.norm = nn.LayerNorm(4 * width)
        self.reduction = nn.Linear(4 * width, 2 * width, bias=False)

    def forward(self, x):
        quarters = [x[:, row::2, column::2] for column in (0, 1) for row in (0, 1)]
        return self.reduction(self.norm(torch.cat(quarters, dim=-1)))


class Stage(nn.Module):
    def __init__(self, blocks: list[WindowBlock], downsample: PatchMerging | None):
        super().__init__()
        self.blocks = nn.ModuleList(blocks)
        self.downsample = downsample

    def forward(self, x, mask):
        for block in self.blocks:
            x = block(x, mask)
        return x if self.downsample is None else self.downsample(x)


class PatchEmbed(nn.Module):
    def __init__(self, patch: int, width: int):
        super().__init__()
        self.proj = nn.Conv2d(3, width, patch, stride=patch)
        self.norm = nn.LayerNorm(width)

    def forward(self, images):
        return self.norm(self.proj(images).permute(0, 2, 3, 1))  # (B, H, W, C)


class DecoderBlock(nn.Module):
    def __init__(self, width: int, heads: int, ratio: float, is_fused: bool):
        super().__init__()
        self.norm1 = nn.LayerNorm(width)
        self.attn = Attention(width, heads, is_fused)
        self.norm2 = nn.LayerNorm(width)
        self.mlp = Mlp(width, ratio)

    def forward(self, x):
        x = x + self.attn(self.norm1(x))
        return x + self.mlp(self.norm2(x))


def patchify(images: torch.Tensor, patch: int) -> torch.Tensor:
    """(B, 3, H, W) to (B, cells, P·P·3), pixels in the order row, column, channel."""
    batch, channels, height, width = images.shape
    x = images.view(batch, channels, height // patch, patch, width // patch, patch)
    return x.permute(0, 2, 4, 3, 5, 1).reshape(batch, -1, patch * patch * channels)


def fixed(*shape: int) -> nn.Parameter:
    return nn.Parameter(torch.zeros(shape), requires_grad=False)


class MixMim(nn.Module):
    """Encoder on mixed images, and a decoder that reconstructs both of each pair."""

    def __init__(self, configuration: dict, is_fused: bool = False):
        super().__init__()
        width, patch = configuration["embed_dim"], configuration["patch_size"]
        ratio, depths = configuration["mlp_ratio"], configuration["depths"]
        side = configuration["img_size"] // patch
        decoder_width = configuration["decoder_dim"]
        self.normalize_pixels = configuration["norm_pix_loss"]
        self.cell = patch * 2 ** (len(depths) - 1)
        cells = (configuration["img_size"] // self.cell) ** 2
        self.patch_embed = PatchEmbed(patch, width)
        self.absolute_pos_embed = fixed(1, side * side, width)
        stages = []
        for index, depth in enumerate(depths):
            heads = configuration["num_heads"][index]
            window = min(configuration["window_size"][index], side >> index)
            channels = width << index
            blocks = [WindowBlock(channels, heads, window, ratio, is_fused) for _ in range(depth)]
            is_last = index == len(depths) - 1
            stages.append(Stage(blocks, None if is_last else PatchMerging(channels)))
        self.layers = nn.ModuleList(stages)
        encoded = width << (len(depths) - 1)
        self.norm = nn.LayerNorm(encoded)
        self.mask_token = nn.Parameter(torch.zeros(1, 1, decoder_width))
        self.decoder_embed = nn.Linear(encoded, decoder_width)
        self.decoder_pos_embed = fixed(1, cells, decoder_width)
        heads = configuration["decoder_num_heads"]
        self.decoder_blocks = nn.Sequential(
            *[
                DecoderBlock(decoder_width, heads, ratio, is_fused)
                for _ in range(configuration["decoder_depth"])
            ]
        )
        self.decoder_norm = nn.LayerNorm(decoder_width)
        self.decoder_pred = nn.Linear(decoder_width, self.cell * self.cell * 3)

    def encode(self, images, mask):
        """`mask` (1, cells, 1): 1 takes the token of the partner, image B - 1 - i."""
        x = self.patch_embed(images)
        _, height, width, channels = x.shape
        masks = []
        for index in range(len(self.layers)):
            scale = self.cell * height // images.shape[2] >> index
            cells = mask.view(1, images.shape[2] // self.cell, -1, 1)
            masks.append(cells.repeat_interleave(scale, 1).repeat_interleave(scale, 2))
        x = x * (1 - masks[0]) + x.flip(0) * masks[0]
        x = x + self.absolute_pos_embed.view(1, height, width, channels)
        for stage, stage_mask in zip(self.layers, masks):
            x = stage(x, stage_mask)
        return self.norm(x.flatten(1, 2))

    def decode(self, encoded, mask):
        x = self.decoder_embed(encoded)
        own = x * (1 - mask) + self.mask_token * mask
        partner = x * mask + self.mask_token * (1 - mask)
        x = torch.cat([own, partner]) + self.decoder_pos_embed
        return self.decoder_pred(self.decoder_norm(self.decoder_blocks(x)))

    def forward(self, images, mask):
        own, partner = self.decode(self.encode(images, mask), mask).chunk(2)
        target = patchify(images, self.cell)
        if self.normalize_pixels:
            mean, variance = target.mean(-1, keepdim=True), target.var(-1, keepdim=True)
            target = (target - mean) / (variance + 1e-6).sqrt()
        unmixed = own * mask + partner.flip(0) * (1 - mask)
        return (unmixed - target).square().mean()
