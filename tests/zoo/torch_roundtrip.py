"""Checkpoints between PyTorch and mimkit, in both directions.

    python torch_roundtrip.py write FOLDER [--small]   files of every kind, and expected.json
    python torch_roundtrip.py check FOLDER             reads what mimkit wrote there

`write` needs torch and numpy; it made tests/zoo/checkpoints with --small. `check` reads
written.json (tensors by file, as in expected.json) and compares PyTorch's and numpy's view of
each file with it.
"""

import argparse
import collections
import copyreg
import datetime
import io
import json
import pathlib
import pickle
import sys
import types
import warnings
import zipfile
import zlib

import numpy
import torch

TYPES = {
    torch.float64: "F64", torch.float32: "F32", torch.float16: "F16", torch.bfloat16: "BF16",
    torch.int64: "I64", torch.int32: "I32", torch.int16: "I16", torch.int8: "I8",
    torch.uint64: "U64", torch.uint32: "U32", torch.uint16: "U16", torch.uint8: "U8",
    torch.bool: "BOOL",
}
NUMPY_TYPES = {"f8": "F64", "f4": "F32", "f2": "F16", "i8": "I64", "i4": "I32", "i2": "I16",
               "i1": "I8", "u8": "U64", "u4": "U32", "u2": "U16", "u1": "U8", "b1": "BOOL"}


def described(tensor):
    if isinstance(tensor, numpy.ndarray):
        plain = numpy.ascontiguousarray(tensor).astype(tensor.dtype.newbyteorder("<"))
        dtype = NUMPY_TYPES[f"{tensor.dtype.kind}{tensor.dtype.itemsize}"]
        return {"dtype": dtype, "shape": list(tensor.shape), "hash": zlib.crc32(plain.tobytes())}
    plain = tensor.detach().contiguous().clone().reshape(-1)
    data = plain.view(torch.uint8).numpy().tobytes() if plain.numel() else b""
    return {"dtype": TYPES[tensor.dtype], "shape": list(tensor.shape), "hash": zlib.crc32(data)}


def all_described(tensors):
    return {name: described(tensor) for name, tensor in tensors.items()}


def class_of(module, name, bases=(object,), **members):
    """A class that pickles as if a library that is not installed here had made it."""
    parts = module.split(".")
    for depth in range(1, len(parts) + 1):
        path = ".".join(parts[:depth])
        if path not in sys.modules:
            sys.modules[path] = types.ModuleType(path)
    made = type(name, bases, {"__module__": module, "__qualname__": name, **members})
    setattr(sys.modules[module], name, made)
    return made


def weights():
    torch.manual_seed(0)
    base = torch.arange(24, dtype=torch.float32).reshape(4, 6) / 8
    shared = torch.randn(10)
    tensors = collections.OrderedDict()
    for dtype in list(TYPES)[:8]:
        tensors[f"type.{TYPES[dtype]}"] = (torch.randn(3, 2) * 50).to(dtype)
    tensors["type.U8"] = torch.tensor([0, 1, 255], dtype=torch.uint8)
    tensors["type.BOOL"] = torch.tensor([True, False, True])
    tensors["special"] = torch.tensor([float("nan"), float("inf"), -float("inf"), -0.0, 1e-42])
    tensors["scalar"] = torch.tensor(7)
    tensors["empty"] = torch.zeros(0, 4)
    tensors["one"] = torch.ones(1, 1, 1)
    tensors["transposed"] = base.t()
    tensors["columns"] = base[:, ::2]
    tensors["row"] = base[2]
    tensors["inner"] = base[1:3, 2:5]
    tensors["expanded"] = torch.tensor([1.5, -2.5]).reshape(2, 1).expand(2, 3)
    tensors["permuted"] = torch.randn(2, 3, 4, 5).permute(0, 3, 1, 2)
    tensors["wide.permuted"] = torch.randn(2, 3, 4, dtype=torch.float64).permute(2, 0, 1)
    tensors["half.permuted"] = torch.randn(6, 5).half().t()
    tensors["byte.permuted"] = torch.arange(12, dtype=torch.uint8).reshape(3, 4).t()
    tensors["channels_last"] = torch.randn(2, 3, 2, 2).to(memory_format=torch.channels_last)
    tensors["shared.all"], tensors["shared.part"] = shared, shared[3:7]
    tensors["tied"] = tensors["transposed"]
    tensors["parameter"] = torch.nn.Parameter(torch.randn(2, 2))
    tensors["näme with spaces/and ünicode"] = torch.ones(2)
    return tensors


class Cases:
    def __init__(self, folder, small):
        self.folder, self.small, self.expected = folder, small, {}

    def save(self, name, value, tensors=None, format="torch", level=None, error=None,
             metadata=None, options=None, **how):
        torch.save(value, self.folder / name, **how)
        self.expect(name, tensors, format, level, error, metadata, options)

    def expect(self, name, tensors=None, format="torch", level=None, error=None, metadata=None,
               options=None):
        self.expected[name] = (
            {"error": error} if error else
            {"format": format, "level": level, "tensors": all_described(tensors)}
        ) | ({"metadata": metadata} if metadata is not None else {}) | (
            {"options": options} if options else {})


def containers(cases):
    tensors = weights()
    cases.save("plain.pth", tensors, tensors)
    cases.save("legacy.pth", {"model": tensors, "epoch": 7}, tensors, "torch-legacy", "model",
               metadata={"epoch": 7}, _use_new_zipfile_serialization=False)
    for protocol in (3, 4, 5):
        some = {"w": tensors["transposed"], "b": tensors["row"]}
        cases.save(f"protocol{protocol}.pth", {"state_dict": some}, some, level="state_dict",
                   pickle_protocol=protocol)
    unsigned = {f"u{bits}": torch.arange(5).to(getattr(torch, f"uint{bits}"))
                for bits in (16, 32, 64)}
    cases.save("unsigned.pth", unsigned, unsigned)
    with_notes = {"p": torch.nn.Parameter(torch.ones(2)), "t": torch.ones(3)}
    with_notes["p"].note, with_notes["t"].note = "kept", "kept"
    cases.save("attributes.pth", with_notes, with_notes)
    torch.serialization.set_crc32_options(False)
    cases.save("no-checksum.pth", {"model": {"w": tensors["row"]}}, {"w": tensors["row"]},
               level="model")
    torch.serialization.set_crc32_options(True)


def rewritten(cases, name, source, change, **how):
    """A copy of a zip file, its entries changed and packed in another way."""
    target = zipfile.ZipFile(cases.folder / name, "w", how.get("method", zipfile.ZIP_STORED))
    with zipfile.ZipFile(cases.folder / source) as archive, target:
        for entry in archive.infolist():
            data = change(entry.filename, archive.read(entry))
            if data is None:
                continue
            with target.open(how.get("rename", lambda n: n)(entry.filename), "w",
                             force_zip64=how.get("zip64", False)) as out:
                out.write(data)


def repacked(cases):
    tensors = {"w": weights()["transposed"], "i": torch.arange(3), "h": torch.randn(5).half()}
    cases.save("little.pth", {"model": tensors}, tensors, level="model")
    cases.save("plain-small.pth", tensors, tensors)
    same = lambda name, data: data
    for name, how in {
        "deflated.pth": {"method": zipfile.ZIP_DEFLATED},
        "zip64.pth": {"zip64": True},
        "no-folder.pth": {"rename": lambda n: n.split("/", 1)[1]},
    }.items():
        rewritten(cases, name, "little.pth", same, **how)
        cases.expect(name, tensors, level="model")
    sizes = [4, 8, 2]

    def swapped(name, data):
        if name.endswith("byteorder"):
            return b"big"
        if "/data/" not in name:
            return data
        array = numpy.frombuffer(data, f"<u{sizes[int(name.split('/')[-1])]}")
        return array.byteswap().tobytes()
    rewritten(cases, "big.pth", "little.pth", swapped)
    cases.expect("big.pth", tensors, level="model")
    rewritten(cases, "lzma.pth", "little.pth", same, method=zipfile.ZIP_LZMA)
    cases.expect("lzma.pth", error="is packed by method 14")
    rewritten(cases, "no-pickle.pth", "little.pth",
              lambda n, d: None if n.endswith("data.pkl") else d)
    cases.expect("no-pickle.pth", error="without PyTorch's data.pkl")


def training_files(cases):
    model = torch.nn.Sequential(torch.nn.Linear(3, 2), torch.nn.BatchNorm1d(2))
    optimizer = torch.optim.AdamW(model.parameters())
    model(torch.randn(4, 3)).sum().backward()
    optimizer.step()
    tensors = model.state_dict()
    arguments = argparse.Namespace(
        batch_size=64, lr=None, blr=1.5e-4, output_dir="out", data_path=pathlib.PosixPath("/data"),
        device=torch.device("cuda", 0), betas=(0.9, 0.95), dtype=torch.float16, dist=False)
    cases.save("official.pth",
               {"model": tensors, "optimizer": optimizer.state_dict(), "epoch": 99,
                "scaler": {"scale": 65536.0, "_growth_tracker": 2 ** 40}, "args": arguments},
               tensors, level="model", metadata={
                   "optimizer": "12 tensors, left out", "epoch": 99,
                   "scaler": {"scale": 65536, "_growth_tracker": 2 ** 40},
                   "args": {"batch_size": 64, "lr": None, "blr": 1.5e-4, "output_dir": "out",
                            "data_path": "//data", "device": "cuda:0", "betas": [0.9, 0.95],
                            "dtype": "torch.float16", "dist": False}})
    ema = {name: tensor * 2 for name, tensor in tensors.items()}
    both = {"state_dict": tensors, "state_dict_ema": ema, "epoch": 3}
    cases.save("timm.pth", both, tensors, level="state_dict")
    cases.save("timm-ema.pth", both, ema, level="state_dict_ema", options={"which": "ema"})
    cases.save("levels.pth", {"teacher": tensors, "student": ema}, tensors, level="teacher",
               options={"level": "teacher"})
    cases.save("no-level.pth", {"teacher": tensors, "student": ema},
               error='it holds "teacher", "student"')
    cases.save("deepspeed.pth", {"module": tensors, "ds_version": "0.9"}, tensors, level="module")
    open_mmlab(cases, tensors)


def open_mmlab(cases, tensors):
    history = class_of("mmengine.logging.history_buffer", "HistoryBuffer")
    history.__getstate__ = lambda self: self.__dict__ | {"statistics_methods": {}}
    history.min = copyreg.__newobj__
    config = class_of("mmengine.config.config", "ConfigDict", (dict,))
    node = class_of("yacs.config", "CfgNode", (dict,))
    node.__getstate__ = lambda self: {"__immutable__": False}
    buffer = history()
    buffer._log_history, buffer.max_length = numpy.arange(3.0), 1000
    settings = node(MODEL=node(TYPE="swin", DEPTHS=[2, 2]))
    meta = {
        "mmpretrain_version": "1.0", "seed": numpy.int64(5), "loss": numpy.float32(0.5),
        "time": datetime.datetime(2023, 1, 2, 3, 4, 5), "cfg": config(type="ViT", depth=12),
        "elapsed": datetime.timedelta(seconds=5), "CLASSES": ("cat", "dog"),
        "counts": collections.defaultdict(int, a=1), "names": {"x"}, "half": numpy.float16(1.5),
        "bytes": b"\x00\xff", "nothing": float("nan"), "huge": 2 ** 100, "yes": numpy.bool_(True),
        "shape": torch.Size([1, 2]), "version": torch.__version__, "table": numpy.eye(2),
    }
    cases.save("openmmlab.pth",
               {"state_dict": tensors, "meta": meta, "config": settings,
                "message_hub": {"log_scalars": collections.OrderedDict(loss=buffer)}},
               tensors, level="state_dict", metadata={
                   "meta": {
                       "mmpretrain_version": "1.0", "seed": 5, "loss": 0.5,
                       "time": "2023-01-02T03:04:05", "cfg": {"type": "ViT", "depth": 12},
                       "elapsed": {"datetime.timedelta": [0, 5, 0]}, "CLASSES": ["cat", "dog"],
                       "counts": {"a": 1}, "names": ["x"], "half": 1.5, "bytes": "2 bytes",
                       "nothing": "NaN", "huge": str(2 ** 100), "yes": True, "shape": [1, 2],
                       "version": str(torch.__version__), "table": "f8 [2,2]"},
                   "config": {"MODEL": {"TYPE": "swin", "DEPTHS": [2, 2]}},
                   "message_hub": {"log_scalars": {"loss": {
                       "_log_history": "f8 [3]", "max_length": 1000, "statistics_methods": {}}}}})


def scripted(cases):
    class Block(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.proj = torch.nn.Linear(2, 3)
            self.scale = torch.nn.Parameter(torch.ones([]))
            self.register_buffer("steps", torch.arange(2))
            self.layers = torch.nn.Sequential(torch.nn.Linear(3, 3), torch.nn.ReLU())
            self.input_resolution = 224

        def forward(self, x):
            return self.layers(self.proj(x)) * self.scale
    class Both(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.visual = Block()
            self.text_projection = torch.nn.Parameter(torch.randn(3, 2).t())
            self.context_length = 77

        def forward(self, x):
            return self.visual(x)
    module = Both().half()
    torch.jit.save(torch.jit.script(module), cases.folder / "scripted.pt")
    cases.expect("scripted.pt", module.state_dict(), "torchscript",
                 metadata={"context_length": 77})
    module = Both()
    torch.jit.save(torch.jit.trace(module, torch.ones(1, 2)), cases.folder / "traced.pt")
    cases.expect("traced.pt", module.state_dict(), "torchscript")


def arrays(cases):
    random = numpy.random.default_rng(0)
    tensors = {
        "stem.conv1.weight": random.standard_normal((2, 3, 2, 2)).astype("f4"),
        "column_major": numpy.asfortranarray(random.standard_normal((3, 4))),
        "big_endian": numpy.arange(4).astype(">f4"),
        "big_endian.half": numpy.arange(3).astype(">f2"),
        "half": numpy.arange(3).astype("f2"),
        "int": numpy.arange(3),
        "bool": numpy.array([True, False]),
        "scalar": numpy.array(1.5),
        "empty": numpy.zeros((0, 2), "f4"),
    }
    if not cases.small:
        tensors["large"] = random.standard_normal((200, 300)).astype("f4")
        tensors["large.bytes"] = numpy.arange(200000).astype("u1")
    file = {"model": tensors, "__author__": "MMSelfSup", "matching_heuristics": True}
    for protocol in (2, 3, 4, 5):
        name = f"detectron2-{protocol}.pkl"
        (cases.folder / name).write_bytes(pickle.dumps(file, protocol))
        cases.expect(name, tensors, "pickle", "model",
                     metadata={"__author__": "MMSelfSup", "matching_heuristics": True})
    # Python 2 has bytes for texts and for an array's content, and pickles large integers as lines.
    content = bytes([0x80, 0x9f, 0x8f, 0xbf, 0xff, 0x00, 0x81, 0x3f])  # no letters of windows-1252
    raw = (b"\x80\x02}q\x00(U\x05modelq\x01}q\x02U\x01wq\x03"
           b"cnumpy.core.multiarray\n_reconstruct\nq\x04cnumpy\nndarray\nq\x05K\x00\x85U\x01b\x87R"
           b"(K\x01K\x02\x85cnumpy\ndtype\nU\x02f4K\x00K\x01\x87R"
           b"(K\x03U\x01<NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tb\x89U\x08"
           + content + b"tbsU\x01nI9999999999\nu.")
    array = pickle.loads(raw, encoding="latin1")["model"]["w"]
    assert array.tobytes() == content
    (cases.folder / "python2.pkl").write_bytes(raw)
    cases.expect("python2.pkl", {"w": array}, "pickle", "model",
                 metadata={"n": 9999999999})


class Bomb:
    def __reduce__(self):
        return print, ("this must not be seen",)


def refusals(cases):
    row = torch.ones(2)
    cases.save("runs.pth", {"model": {"w": row}, "args": Bomb()}, error="Python's builtins.print,")
    cases.save("module.pth", torch.nn.Linear(2, 2), error="Python's torch.nn.modules.linear.Linear,")
    cases.save("complex.pth", {"w": torch.ones(2, dtype=torch.complex64)},
               error="the tensor w has elements of type \"complex64\"")
    with warnings.catch_warnings(action="ignore"):  # PyTorch means to give them up
        quantized = torch.quantize_per_tensor(row, 1.0, 0, torch.qint8)
    cases.save("quantized.pth", {"w": quantized},
               error="Python's torch._utils._rebuild_qtensor,")
    cases.save("list.pth", [row, row], error="it holds list, not weights by their names")
    cases.save("no-weights.pth", {"epoch": 3}, error='it has no weights where checkpoints have them')
    (cases.folder / "torch.pkl").write_bytes(pickle.dumps({"model": {"w": row}}))
    cases.expect("torch.pkl", error="Python's torch._utils._rebuild_tensor_v2,")
    buffer = io.BytesIO()
    torch.save({"w": row}, buffer)
    (cases.folder / "cut.pth").write_bytes(buffer.getvalue()[:-200])
    cases.expect("cut.pth", error="has no directory")
    if not cases.small:
        big = {f"w{n}": torch.randn(300, 200) for n in range(3)} | {"t": torch.randn(300, 200).t()}
        cases.save("large.pth", {"model": big}, big, level="model")
        cases.save("large-legacy.pth", {"model": big}, big, "torch-legacy", "model",
                   _use_new_zipfile_serialization=False)


def write(folder, small):
    folder.mkdir(parents=True, exist_ok=True)
    cases = Cases(folder, small)
    for make in (containers, repacked, training_files, scripted, arrays, refusals):
        make(cases)
    text = json.dumps({"torch": torch.__version__, "files": cases.expected}, indent=1)
    (folder / "expected.json").write_text(text + "\n")
    print(f"{len(cases.expected)} files by torch {torch.__version__}, numpy {numpy.__version__}")


def check(folder):
    written = json.loads((folder / "written.json").read_text())
    for name, expected in written.items():
        path = folder / name
        if name.endswith(".pkl"):
            with open(path, "rb") as file:
                found = [pickle.load(file, encoding="latin1")]
        else:
            found = [torch.load(path, weights_only=True),
                     torch.load(path, weights_only=True, mmap=True),
                     torch.load(path, weights_only=False)]
            with zipfile.ZipFile(path) as archive:
                assert archive.testzip() is None, f"{name}: checksums differ"
        for value in found:
            level = expected["level"]
            tensors = value if level is None else value[level]
            assert all_described(tensors) == expected["tensors"], f"{name} has other tensors"
            if level is not None:
                others = {key: item for key, item in value.items() if key != level}
                assert others == expected["metadata"], f"{name} has other notes: {others}"
    print(f"{len(written)} files read by torch {torch.__version__}, numpy {numpy.__version__}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("action", choices=["write", "check"])
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--small", action="store_true")
    given = parser.parse_args()
    if given.action == "write":
        write(given.folder, given.small)
    else:
        check(given.folder)
