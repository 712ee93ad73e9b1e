"""The reference libraries' models: built from a case, run, and saved or loaded as each does it."""

import importlib.util
import pathlib

import torch
from safetensors.torch import load_file, save_file
from torch import nn
from torchvision_stand_in import torchvision_stand_in

Tensors = dict[str, torch.Tensor]


def versions() -> dict[str, str]:
    return {library: LIBRARIES[library].version() for library in LIBRARIES}


def features_and_logits(model: nn.Module, images: torch.Tensor) -> Tensors:
    """timm's features and logits."""
    features = model.forward_head(model.forward_features(images), pre_logits=True)
    return {"features": features, "logits": model(images)}


class Timm:
    """Its names are those of its modules, in files as in memory."""

    @staticmethod
    def import_it():
        if importlib.util.find_spec("torchvision") is None:
            with torchvision_stand_in():
                import timm
        else:
            import timm
        return timm

    @classmethod
    def version(cls) -> str:
        return cls.import_it().__version__

    @classmethod
    def build(cls, case: dict) -> nn.Module:
        timm = cls.import_it()
        return timm.create_model(case["model"], pretrained=False, **case["configuration"])

    @staticmethod
    def head(model: nn.Module) -> nn.Linear:
        return model.get_classifier()

    @staticmethod
    def inputs(case: dict, model: nn.Module, generator: torch.Generator) -> Tensors:
        side = case["imageSize"]
        return {"images": torch.randn(case["batch"], 3, side, side, generator=generator)}

    @staticmethod
    def run(case: dict, model: nn.Module, inputs: Tensors) -> Tensors:
        return features_and_logits(model, inputs["images"])

    @staticmethod
    def state(model: nn.Module, folder: pathlib.Path) -> Tensors:
        return model.state_dict()

    @classmethod
    def load(cls, case: dict, path: pathlib.Path) -> nn.Module:
        model = cls.build(case)
        model.load_state_dict(read(path), strict=True)
        return model


class Transformers:
    """What `save_pretrained` writes has the names of the published files, not those in memory."""

    @staticmethod
    def import_it():
        import transformers

        transformers.logging.set_verbosity_error()
        transformers.logging.disable_progress_bar()
        return transformers

    @classmethod
    def version(cls) -> str:
        return cls.import_it().__version__

    @classmethod
    def build(cls, case: dict) -> nn.Module:
        kind = getattr(cls.import_it(), case["model"])
        return kind(kind.config_class(**case["configuration"]))

    @staticmethod
    def head(model: nn.Module) -> nn.Linear | None:
        head = getattr(model, "classifier", None)
        return head[-1] if isinstance(head, nn.Sequential) else head

    @staticmethod
    def inputs(case: dict, model: nn.Module, generator: torch.Generator) -> Tensors:
        inputs = Timm.inputs(case, model, generator)
        config, batch = model.config, case["batch"]
        if config.model_type == "clip":
            text = config.text_config
            shape = batch, text.max_position_embeddings
            ids = torch.randint(0, text.vocab_size - 1, shape, generator=generator)
            # The end of a text is its greatest number; what comes after it is not looked at.
            for row in range(batch):
                ids[row, shape[1] - 1 - row] = text.vocab_size - 1
            inputs["ids"] = ids.int()
        if config.model_type == "vit_mae":
            patches = (config.image_size // config.patch_size) ** 2
            inputs["noise"] = torch.rand(batch, patches, generator=generator)
        return inputs

    @staticmethod
    def run(case: dict, model: nn.Module, inputs: Tensors) -> Tensors:
        images, kind = inputs["images"], model.config.model_type
        if kind == "clip":
            made = model(input_ids=inputs["ids"].long(), pixel_values=images)
            return {
                "imageEmbeds": made.image_embeds,
                "textEmbeds": made.text_embeds,
                "logits": made.logits_per_image,
            }
        if kind == "vit_mae":
            made = model(images, noise=inputs["noise"])
            latent = model.vit(images, noise=inputs["noise"]).last_hidden_state
            return {"features": latent, "prediction": made.logits, "loss": made.loss}
        base = model.base_model(images)
        pooled = base.last_hidden_state[:, 0] if kind == "vit" else base.pooler_output
        return {"features": pooled.flatten(1), "logits": model(images).logits}

    @staticmethod
    def state(model: nn.Module, folder: pathlib.Path) -> Tensors:
        model.save_pretrained(folder)
        return load_file(folder / "model.safetensors")

    @classmethod
    def load(cls, case: dict, path: pathlib.Path) -> nn.Module:
        """As a user does it: a folder with the configuration and the weights beside it."""
        kind = getattr(cls.import_it(), case["model"])
        cls.build(case).config.save_pretrained(path.parent)
        is_safe = path.suffix == ".safetensors"
        path.rename(path.parent / ("model.safetensors" if is_safe else "pytorch_model.bin"))
        model, report = kind.from_pretrained(
            path.parent, use_safetensors=is_safe, output_loading_info=True
        )
        wrong = {name: sorted(map(str, keys))[:3] for name, keys in report.items() if keys}
        if wrong:
            raise ValueError(f"from_pretrained does not take all of it: {wrong}")
        return model


LIBRARIES = {"timm": Timm, "transformers": Transformers}


def read(path: pathlib.Path) -> Tensors:
    """A file's tensors by the library's own reader, which runs nothing."""
    if path.suffix == ".safetensors":
        return load_file(path)
    loaded = torch.load(path, weights_only=True)
    return loaded.get("state_dict", loaded)


def write(path: pathlib.Path, tensors: Tensors) -> None:
    if path.suffix == ".safetensors":
        save_file({name: tensor.contiguous() for name, tensor in tensors.items()}, path)
    else:
        torch.save(tensors, path)
