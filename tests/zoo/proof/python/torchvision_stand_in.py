"""An empty torchvision, for timm, which imports it and needs none of it for its models.

A torchvision must be built for the very torch that is installed, and not every index has one. timm asks
for a few of its names when it is imported: whatever is asked for here is a class without content, and
none of them is ever used: a model that needed one would fail.
"""

import contextlib
import enum
import importlib.abc
import importlib.machinery
import sys
import types


class InterpolationMode(enum.Enum):
    """timm makes tables of its members when it is imported."""

    NEAREST = "nearest"
    NEAREST_EXACT = "nearest-exact"
    BILINEAR = "bilinear"
    BICUBIC = "bicubic"
    BOX = "box"
    HAMMING = "hamming"
    LANCZOS = "lanczos"


class StandIn(types.ModuleType):
    def __getattr__(self, name: str):
        if name.startswith("__"):
            raise AttributeError(name)
        made = InterpolationMode if name == "InterpolationMode" else type(name, (), {})
        setattr(self, name, made)
        return made


class Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] == "torchvision":
            return importlib.machinery.ModuleSpec(name, self, is_package=True)
        return None

    def create_module(self, spec):
        return StandIn(spec.name)

    def exec_module(self, module):
        pass


@contextlib.contextmanager
def torchvision_stand_in():
    """Inside, `import torchvision` gives the stand-in. Outside others must not find it:
    transformers asks whether there is a torchvision, and would use it."""
    finder = Finder()
    sys.meta_path.append(finder)
    try:
        yield
    finally:
        sys.meta_path.remove(finder)
        for name in [name for name in sys.modules if name.split(".")[0] == "torchvision"]:
            del sys.modules[name]
