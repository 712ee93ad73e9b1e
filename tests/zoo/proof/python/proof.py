"""Checkpoints with random weights by the reference libraries, with what they compute; and back.

The functions are called from ../library.ts, a line of JSON each; see tasks/bench/python/serve.py.
"""

import pathlib

import torch
from models import LIBRARIES, Tensors, read, versions, write
from safetensors.torch import load_file, save_file
from torch import nn
from weights import draw, round_to, scale_head, strided

HALVES = {"F16": torch.float16, "BF16": torch.bfloat16}


def version() -> dict[str, str]:
    return {"torch": torch.__version__, **versions()}


def computed(case: dict, model: nn.Module, inputs: Tensors) -> Tensors:
    with torch.inference_mode():
        made = LIBRARIES[case["library"]].run(case, model.eval(), inputs)
    return {name: tensor.contiguous().clone() for name, tensor in made.items()}


def stored(tensors: Tensors, precision: str, is_strided: bool) -> Tensors:
    kept = {
        name: tensor.to(HALVES[precision])
        if precision in HALVES and tensor.is_floating_point() else tensor
        for name, tensor in tensors.items()
    }
    return {name: strided(tensor) for name, tensor in kept.items()} if is_strided else kept


def make(case: dict, folder: str, seed: int) -> list[dict]:
    """Writes the case's files, and for each what the library computes from what is in it."""
    library, place = LIBRARIES[case["library"]], pathlib.Path(folder)
    model = library.build(case).eval()
    draw(model, seed, case["zero"])
    inputs = library.inputs(case, model, torch.Generator().manual_seed(seed + 1))
    if library.head(model) is not None:
        scale_head(library.head(model), computed(case, model, inputs)["logits"])
    made = []
    for file in sorted(case["files"], key=lambda file: file["precision"] != "F32"):
        if file["precision"] in HALVES:
            round_to(model, HALVES[file["precision"]])
        outputs = computed(case, model, inputs)
        expected = place / f"{file['name']}.expected"
        save_file({f"inputs.{name}": tensor for name, tensor in inputs.items()}
                  | {f"outputs.{name}": tensor for name, tensor in outputs.items()}, expected)
        path = place / file["name"]
        tensors = stored(library.state(model, place / "saved"), file["precision"], file["strided"])
        write(path, tensors)
        made.append({
            **file,
            "path": str(path),
            "expected": str(expected),
            "bytes": path.stat().st_size,
            "tensors": len(tensors),
            "spread": {name: float(value.std()) for name, value in outputs.items() if value.ndim},
        })
    return made


def check(case: dict, path: str, expected: str) -> dict[str, float]:
    """Loads a file strictly, and how far what it computes is from what is expected, at most."""
    library = LIBRARIES[case["library"]]
    known = load_file(expected)
    inputs = {name[7:]: value for name, value in known.items() if name.startswith("inputs.")}
    model = library.load(case, pathlib.Path(path)).float()
    made = computed(case, model, inputs)
    return {name: float((value - known[f"outputs.{name}"]).abs().max())
            for name, value in made.items()}


def different(path: str, other: str, made: list[str]) -> list[str]:
    """Names under which two files differ, in a bit, a shape, a type or by absence.

    What was made anew, since nobody else has it, is float32 whatever its file is.
    """
    one, two = read(pathlib.Path(path)), read(pathlib.Path(other))
    return sorted(
        name for name in one.keys() | two.keys()
        if name not in one or name not in two
        or (one[name].dtype != two[name].dtype and name not in made)
        or not torch.equal(one[name], two[name].to(one[name].dtype))
    )
