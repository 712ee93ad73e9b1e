"""The peer of groups/data.ts: a DataLoader with what torchvision does to a photograph, written out.

RandomResizedCrop (scale 0.2 to 1, ratio 3/4 to 4/3, bicubic), a flip of half of the pictures, and, for
"float" batches, ToTensor and Normalize, as torchvision 0.20 computes them on PIL pictures.
"""

import math
import os
import sys
import time

import numpy
import torch
from PIL import Image
from torch.utils.data import DataLoader, Dataset, Sampler

means = [0.485, 0.456, 0.406]
deviations = [0.229, 0.224, 0.225]
loaders: dict = {}


def version() -> str:
    return torch.__version__


def pillow_version() -> str:
    return Image.__version__


def read(path: str) -> Image.Image:
    with open(path, "rb") as file:
        return Image.open(file).convert("RGB")


def draw_box(width: int, height: int) -> tuple:
    """Left, top, right, bottom, as RandomResizedCrop.get_params draws them."""
    area = width * height
    log_ratio = torch.log(torch.tensor((3 / 4, 4 / 3)))
    for _ in range(10):
        wanted = area * torch.empty(1).uniform_(0.2, 1).item()
        aspect = torch.exp(torch.empty(1).uniform_(log_ratio[0], log_ratio[1])).item()
        w = int(round(math.sqrt(wanted * aspect)))
        h = int(round(math.sqrt(wanted / aspect)))
        if 0 < w <= width and 0 < h <= height:
            top = torch.randint(0, height - h + 1, size=(1,)).item()
            left = torch.randint(0, width - w + 1, size=(1,)).item()
            return left, top, left + w, top + h
    side = min(width, height)
    left, top = (width - side) // 2, (height - side) // 2
    return left, top, left + side, top + side


def resized(picture: Image.Image, box: tuple, size: int) -> Image.Image:
    return picture.crop(box).resize((size, size), Image.Resampling.BICUBIC)


def to_tensor(picture: Image.Image) -> torch.Tensor:
    pixels = torch.from_numpy(numpy.array(picture, numpy.uint8, copy=True))
    return pixels.permute(2, 0, 1).contiguous().to(torch.get_default_dtype()).div(255)


def normalize(pixels: torch.Tensor) -> torch.Tensor:
    mean = torch.as_tensor(means, dtype=pixels.dtype).view(-1, 1, 1)
    deviation = torch.as_tensor(deviations, dtype=pixels.dtype).view(-1, 1, 1)
    return pixels.clone().sub_(mean).div_(deviation)


class Photographs(Dataset):
    def __init__(self, paths: list, size: int, floats: bool):
        self.paths, self.size, self.floats = paths, size, floats

    def __len__(self) -> int:
        return len(self.paths)

    def __getitem__(self, index: int) -> torch.Tensor:
        picture = read(self.paths[index])
        picture = resized(picture, draw_box(*picture.size), self.size)
        if torch.rand(1) < 0.5:
            picture = picture.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
        if self.floats:
            return normalize(to_tensor(picture))
        return torch.from_numpy(numpy.array(picture, numpy.uint8, copy=True))


class Shuffled(Sampler):
    """Epoch after epoch without a gap, so that no round begins with an empty pipeline."""

    def __init__(self, length: int, draws: int):
        self.length, self.draws = length, draws

    def __len__(self) -> int:
        return self.draws

    def __iter__(self):
        drawn = 0
        while drawn < self.draws:
            for index in torch.randperm(self.length).tolist()[: self.draws - drawn]:
                drawn += 1
                yield index


def prepare(paths: list, size: int, batch: int, workers: int, batches: dict, threads: int) -> None:
    """`batches`: how many come before those that are timed, how many are timed, and how many follow."""
    torch.set_num_threads(threads)
    total = sum(batches.values())
    for name, floats in (("float", True), ("bytes", False)):
        loaders[name] = batches, DataLoader(
            Photographs(paths, size, floats),
            batch_size=batch,
            sampler=Shuffled(len(paths), total * batch),
            num_workers=workers,
            persistent_workers=True,
        )


def processor_seconds(loader: DataLoader) -> float:
    """Of this process and its workers so far; of the workers Linux alone tells."""
    seconds = time.process_time()
    for worker in loader._iterator._workers:
        with open(f"/proc/{worker.pid}/stat") as file:
            # After the name, which may hold spaces: user and system time are fields 14 and 15.
            fields = file.read().rsplit(") ", 1)[1].split()
        seconds += (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    return seconds


def time_round(name: str) -> dict:
    """Milliseconds per picture, from the arrival of a batch to that of a later one."""
    batches, loader = loaders[name]
    first, last = batches["before"], batches["before"] + batches["timed"]
    clock = processor_seconds if sys.platform == "linux" else lambda _: float("nan")
    for step, pixels in enumerate(loader):
        if step == first:
            started, used = time.perf_counter(), clock(loader)
        if step == last:
            ended, used = time.perf_counter(), clock(loader) - used
    pictures = batches["timed"] * len(pixels)
    return {
        "milliseconds": (ended - started) * 1000 / pictures,
        "processor": used * 1000 / pictures if used == used else None,
    }


def cropped(path: str, box: list, size: int, mirrored: bool) -> list:
    """The bytes of one crop, to be compared.

    Up to version 12 Pillow resized across and then down; 13 begins with the side that leaves fewer
    pixels, and rounds elsewhere. Two calls are the old order in every version.
    """
    picture = read(path).crop(tuple(box))
    for shape in ((size, picture.height), (size, size)):
        picture = picture.resize(shape, Image.Resampling.BICUBIC)
    if mirrored:
        picture = picture.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    return numpy.array(picture).reshape(-1).tolist()
