"""The convolutional backbones of A2MIM in PyTorch: a mask token comes in before a chosen stage."""

import torch
import torch.nn.functional as F
from torch import nn


class MaskToken(nn.Module):
    """What both backbones add to their parameters: the token, and the scale of masked features."""

    def add_mask(self, layer: int, channels: int) -> None:
        self.mask_layer = layer
        self.mask_token = nn.Parameter(torch.zeros(1, channels, 1, 1))
        self.mask_gamma = nn.Parameter(torch.zeros(1, channels, 1, 1))

    def put_mask(self, x, mask):
        return x * (1 - mask) + x * mask * self.mask_gamma + self.mask_token * mask


class Bottleneck(nn.Module):
    def __init__(self, channels: int, width: int, stride: int):
        super().__init__()
        self.conv1 = nn.Conv2d(channels, width, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.conv2 = nn.Conv2d(width, width, 3, stride, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(width)
        self.conv3 = nn.Conv2d(width, 4 * width, 1, bias=False)
        self.bn3 = nn.BatchNorm2d(4 * width)
        self.downsample = None
        if stride != 1 or channels != 4 * width:
            self.downsample = nn.Sequential(
                nn.Conv2d(channels, 4 * width, 1, stride, bias=False), nn.BatchNorm2d(4 * width)
            )

    def forward(self, x):
        shortcut = x if self.downsample is None else self.downsample(x)
        x = F.relu(self.bn1(self.conv1(x)), inplace=True)
        x = F.relu(self.bn2(self.conv2(x)), inplace=True)
        return F.relu(self.bn3(self.conv3(x)) + shortcut, inplace=True)


class ResNet(MaskToken):
    def __init__(self, configuration: dict):
        super().__init__()
        stem, width = configuration["stem_channels"], configuration["base_channels"]
        self.conv1 = nn.Conv2d(3, stem, 7, 2, padding=3, bias=False)
        self.bn1 = nn.BatchNorm2d(stem)
        channels = stem
        for index, depth in enumerate(configuration["depths"]):
            if index == configuration["mask_layer"]:
                self.add_mask(index, channels)
            blocks = []
            for block in range(depth):
                stride = 2 if block == 0 and index > 0 else 1
                blocks.append(Bottleneck(channels, width << index, stride))
                channels = 4 * width << index
            setattr(self, f"layer{index + 1}", nn.Sequential(*blocks))
        self.channels = channels

    def forward(self, x, mask):
        x = F.relu(self.bn1(self.conv1(x)), inplace=True)
        x = F.max_pool2d(x, 3, 2, padding=1)
        for index, stage in enumerate([self.layer1, self.layer2, self.layer3, self.layer4]):
            if index == self.mask_layer:
                x = self.put_mask(x, mask)
            x = stage(x)
        return x


class ChannelNorm(nn.LayerNorm):
    """Layer norm over the channels of a map."""

    def forward(self, x):
        return super().forward(x.permute(0, 2, 3, 1)).permute(0, 3, 1, 2)


class ConvNextBlock(nn.Module):
    def __init__(self, channels: int):
        super().__init__()
        self.gamma = nn.Parameter(torch.zeros(channels))
        self.depthwise_conv = nn.Conv2d(channels, channels, 7, padding=3, groups=channels)
        self.norm = nn.LayerNorm(channels, eps=1e-6)
        self.pointwise_conv1 = nn.Linear(channels, 4 * channels)
        self.pointwise_conv2 = nn.Linear(4 * channels, channels)

    def forward(self, x):
        y = self.norm(self.depthwise_conv(x).permute(0, 2, 3, 1))
        y = self.gamma * self.pointwise_conv2(F.gelu(self.pointwise_conv1(y)))
        return x + y.permute(0, 3, 1, 2)


class ConvNext(MaskToken):
    def __init__(self, configuration: dict):
        super().__init__()
        channels, depths = configuration["channels"], configuration["depths"]
        before = [3, *channels]
        downsample = [
            nn.Sequential(
                nn.Conv2d(3, channels[0], 4, stride=4), ChannelNorm(channels[0], eps=1e-6)
            )
        ]
        for index in range(1, len(channels)):
            norm = ChannelNorm(before[index], eps=1e-6)
            downsample.append(
                nn.Sequential(norm, nn.Conv2d(before[index], channels[index], 2, stride=2))
            )
        self.downsample_layers = nn.ModuleList(downsample)
        self.stages = nn.ModuleList(
            nn.Sequential(*[ConvNextBlock(width) for _ in range(depth)])
            for width, depth in zip(channels, depths)
        )
        self.add_mask(configuration["mask_layer"], channels[configuration["mask_layer"]])
        self.norm3 = ChannelNorm(channels[-1], eps=1e-6)
        self.channels = channels[-1]

    def forward(self, x, mask):
        for index, (downsample, stage) in enumerate(zip(self.downsample_layers, self.stages)):
            x = downsample(x)
            if index == self.mask_layer:
                x = self.put_mask(x, mask)
            x = stage(x)
        return self.norm3(x)
