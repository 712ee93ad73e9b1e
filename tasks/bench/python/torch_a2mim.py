"""A2MIM's pre-training models (ResNet and ConvNeXt) in PyTorch, under the original's names."""

import torch
from torch import nn

from torch_backbones import ConvNext, ResNet


class Neck(nn.Module):
    """One 1×1 convolution to the pixels below each place, and a pixel shuffle."""

    def __init__(self, channels: int, stride: int):
        super().__init__()
        self.decoder_pred = nn.Sequential(
            nn.Conv2d(channels, stride * stride * 3, 1), nn.PixelShuffle(stride)
        )

    def forward(self, x):
        return self.decoder_pred(x)


def focal_l1(prediction, target):
    difference = (prediction - target).abs()
    return difference * (2 * torch.sigmoid(0.2 * difference) - 1)


def focal_frequency(prediction, target):
    """Squared differences of batch-averaged spectra, the large ones weighted more."""
    spectra = [torch.fft.fft2(x, norm="ortho") for x in (prediction, target)]
    real, imaginary = torch.view_as_real(spectra[0].mean(0) - spectra[1].mean(0)).unbind(-1)
    squares = real.square() + imaginary.square()
    with torch.no_grad():
        weight = torch.log(squares.sqrt() + 1)
        weight = torch.nan_to_num(weight / weight.max()).clamp(0, 1)
    return (weight * squares).mean()


class A2Mim(nn.Module):
    def __init__(self, configuration: dict):
        super().__init__()
        backbones = {"resnet": ResNet, "convnext": ConvNext}
        self.backbone = backbones[configuration["backbone"]](configuration)
        self.neck = Neck(self.backbone.channels, configuration["encoder_stride"])
        self.fourier_weight = configuration["fft_weight"]
        self.unmasked_weight = configuration["fft_unmask_weight"]

    def forward(self, images, filled, mask):
        """`images`, `filled` (B, 3, H, W); `mask` (B, h, w) at the resolution of the mask token."""
        prediction = self.neck(self.backbone(filled, mask[:, None]))
        scale = images.shape[-1] // mask.shape[-1]
        pixels = mask.repeat_interleave(scale, 1).repeat_interleave(scale, 2)[:, None]
        spatial = (focal_l1(prediction, images) * pixels).sum() / (pixels.sum() + 1e-5) / 3
        if self.fourier_weight == 0:
            return spatial
        share = pixels + (1 - pixels) * self.unmasked_weight
        replacement = 0.5 * prediction.detach() + 0.5 * images
        blended = prediction * share + replacement * (1 - share)
        return spatial + self.fourier_weight * focal_frequency(blended, images)
