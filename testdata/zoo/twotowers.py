"""CLIP: a text and a vision tower that meet in one space (group "families")."""

import numpy as np
import torch
from transformers import CLIPImageProcessorPil, CLIPModel, CLIPTextModelWithProjection, CLIPVisionModelWithProjection

import bpe
import folder
import images
import onnx_files
import truth
from folder import write_json
from textmodel import Files, entry

SIZE = 30
PREPROCESSOR = {
    "crop_size": SIZE,
    "do_center_crop": True,
    "do_normalize": True,
    "do_resize": True,
    "feature_extractor_type": "CLIPFeatureExtractor",
    "image_mean": [0.48145466, 0.4578275, 0.40821073],
    "image_std": [0.26862954, 0.26130258, 0.27577711],
    "resample": 3,
    "size": SIZE,
}
SPECIAL = {
    "bos_token": "<|startoftext|>",
    "eos_token": "<|endoftext|>",
    "pad_token": "<|endoftext|>",
    "unk_token": "<|endoftext|>",
}


def clip_config(vocab: int) -> dict:
    """As openai/clip-vit-base-patch32. Its eos_token_id 2 is wrong, and means: the highest id ends the text."""
    common = {
        "attention_dropout": 0.0,
        "hidden_act": "quick_gelu",
        "initializer_factor": 1.0,
        "initializer_range": 0.02,
        "layer_norm_eps": 1e-5,
        "num_hidden_layers": 2,
        "num_attention_heads": 4,
        "projection_dim": 24,
    }
    return {
        "architectures": ["CLIPModel"],
        "initializer_factor": 1.0,
        "logit_scale_init_value": 2.6592,
        "model_type": "clip",
        "projection_dim": 24,
        "transformers_version": "4.29.2",
        "text_config": {
            **common,
            "bos_token_id": 0,
            "eos_token_id": 2,
            "pad_token_id": 1,
            "hidden_size": 32,
            "intermediate_size": 45,
            "max_position_embeddings": 40,
            "model_type": "clip_text_model",
            "vocab_size": vocab,
        },
        "vision_config": {
            **common,
            "hidden_size": 36,
            "image_size": SIZE,
            "intermediate_size": 41,
            "num_channels": 3,
            "patch_size": 10,
            "model_type": "clip_vision_model",
        },
    }


class Text(torch.nn.Module):
    def __init__(self, model):
        super().__init__()
        self.model = model

    def forward(self, input_ids, attention_mask):
        return self.model(input_ids=input_ids, attention_mask=attention_mask).text_embeds


class Vision(torch.nn.Module):
    def __init__(self, model):
        super().__init__()
        self.model = model

    def forward(self, pixel_values):
        return self.model(pixel_values=pixel_values).image_embeds


class Both(torch.nn.Module):
    def __init__(self, model):
        super().__init__()
        self.model = model

    def forward(self, input_ids, pixel_values, attention_mask):
        o = self.model(input_ids=input_ids, pixel_values=pixel_values, attention_mask=attention_mask)
        return o.logits_per_image, o.logits_per_text, o.text_embeds, o.image_embeds


def export(f: Files, text, vision, ids: torch.Tensor, mask: torch.Tensor, pixels: torch.Tensor) -> None:
    """onnx/text_model.onnx, onnx/vision_model.onnx and onnx/model.onnx, as the exports on the hub are split."""
    seq = {0: "batch_size", 1: "sequence_length"}
    text_axes = {"input_ids": seq, "attention_mask": seq, "text_embeds": {0: "batch_size"}}
    pixel_axes = {
        "pixel_values": {0: "batch_size", 1: "num_channels", 2: "height", 3: "width"},
        "image_embeds": {0: "batch_size"},
    }
    example = (torch.tensor([[3, 5, 1020], [3, 1020, 1020]]), torch.tensor([[1, 1, 1], [1, 1, 0]]))
    onnx_files.export(
        Text(text),
        f.at("onnx/text_model.onnx"),
        ("input_ids", "attention_mask"),
        ("text_embeds",),
        example,
        text_axes,
    )
    onnx_files.export(
        Vision(vision),
        f.at("onnx/vision_model.onnx"),
        ("pixel_values",),
        ("image_embeds",),
        (pixels[:2],),
        pixel_axes,
    )
    onnx_files.export(
        Both(f.model),
        f.at("onnx/model.onnx"),
        ("input_ids", "pixel_values", "attention_mask"),
        ("logits_per_image", "logits_per_text", "text_embeds", "image_embeds"),
        (example[0], pixels[:1], example[1]),
        {
            "input_ids": {0: "text_batch_size", 1: "sequence_length"},
            "attention_mask": {0: "text_batch_size", 1: "sequence_length"},
            "pixel_values": {0: "image_batch_size", 1: "num_channels", 2: "height", 3: "width"},
            "logits_per_image": {0: "image_batch_size", 1: "text_batch_size"},
            "text_embeds": {0: "text_batch_size"},
            "logits_per_text": {0: "text_batch_size", 1: "image_batch_size"},
            "image_embeds": {0: "image_batch_size"},
        },
    )
    feed = {"input_ids": ids.numpy(), "attention_mask": mask.numpy()}
    with torch.no_grad():
        (got,) = onnx_files.session(f.at("onnx/text_model.onnx")).run(None, feed)
        truth.same(got, text(input_ids=ids, attention_mask=mask).text_embeds, "text_model.onnx", 1e-5)
        (got,) = onnx_files.session(f.at("onnx/vision_model.onnx")).run(None, {"pixel_values": pixels.numpy()})
        truth.same(got, vision(pixel_values=pixels).image_embeds, "vision_model.onnx", 1e-5)
        got = onnx_files.session(f.at("onnx/model.onnx")).run(
            ["text_embeds", "image_embeds"], {**feed, "pixel_values": pixels.numpy()}
        )
        want = f.model(input_ids=ids, attention_mask=mask, pixel_values=pixels)
        truth.same(got[0], want.text_embeds, "model.onnx", 1e-5)
        truth.same(got[1], want.image_embeds, "model.onnx", 1e-5)
    f.artifacts += ["onnx/model.onnx", "onnx/text_model.onnx", "onnx/vision_model.onnx"]


def alone(t, texts, limit: int) -> list[list[int]]:
    """Token ids of each text, truncated to limit."""
    t.enable_truncation(limit)
    return [t.encode(x).ids for x in texts]


def padded(rows: list[list[int]], pad: int) -> tuple[torch.Tensor, torch.Tensor]:
    longest = max(map(len, rows))
    ids = torch.tensor([r + [pad] * (longest - len(r)) for r in rows])
    mask = torch.tensor([[1] * len(r) + [0] * (longest - len(r)) for r in rows])
    return ids, mask


def pixels_of(out: str, f: Files, process) -> np.ndarray:
    """Two seeded images and the images of images/, as model input; kept as raw float32 next to the truth."""
    pixels = np.concatenate([images.seeded("clip", 2, SIZE), *(process(p)[None] for p in images.write(out))]).astype(
        "<f4"
    )
    with open(f"{f.path}.pixel_values.bin", "wb") as file:
        file.write(pixels.tobytes())
    return pixels


def vision_truth(f: Files, pixels: np.ndarray, vectors: np.ndarray) -> dict:
    return {
        "pixel_values": {
            "file": f"{f.name}.pixel_values.bin",
            "shape": list(pixels.shape),
            "dtype": "float32, little endian",
        },
        "images": [None, None, *images.PICTURES],
        "image_embeds": truth.numbers(vectors),
    }


def clip(out, name):
    """CLIP as transformers saves it: the folder of openai/clip-vit-base-patch32, with ONNX files as on the hub."""
    f = Files(out, name, "clip")
    t = bpe.clip()
    f.transformer(clip_config(t.get_vocab_size()), cls=CLIPModel)
    f.tokenizer(
        t,
        {
            **SPECIAL,
            "add_prefix_space": False,
            "do_lower_case": True,
            "errors": "replace",
            "model_max_length": 40,
            "tokenizer_class": "CLIPTokenizer",
        },
    )
    folder.special_tokens_map(f.path, SPECIAL)
    write_json(f.at("preprocessor_config.json"), PREPROCESSOR)
    processor = CLIPImageProcessorPil.from_pretrained(f.path)
    pixels = pixels_of(out, f, lambda p: processor(p, return_tensors="np")["pixel_values"][0])
    text = CLIPTextModelWithProjection.from_pretrained(f.path).eval()
    vision = CLIPVisionModelWithProjection.from_pretrained(f.path).eval()
    rows = alone(t, truth.TEXTS, 40)
    ids, mask = padded(rows, t.token_to_id("<|endoftext|>"))
    with torch.no_grad():
        each = np.concatenate([text(input_ids=torch.tensor([r])).text_embeds.numpy() for r in rows])
        truth.same(each, text(input_ids=ids, attention_mask=mask).text_embeds, "alone and in a batch")
        seen = np.concatenate([vision(pixel_values=torch.from_numpy(p[None])).image_embeds.numpy() for p in pixels])
        truth.same(seen, vision(pixel_values=torch.from_numpy(pixels)).image_embeds, "alone and in a batch")
    export(f, text, vision, ids, mask, torch.from_numpy(pixels))
    out = {
        "model": name,
        "library": truth.LIBRARY.split(" / ")[1],
        "pooling": "in_graph",
        "normalization": "none",
        "dimension": 24,
        "max_sequence_length": 40,
        "dtype": "float32",
        "artifacts": ["safetensors", "onnx"],
        "note": "embeddings are text_embeds of CLIPTextModelWithProjection, image_embeds those of CLIPVisionModelWithProjection; "
        "neither is normalized, as onnx/text_model.onnx and onnx/vision_model.onnx give them. "
        "onnx/model.onnx gives both with length 1.",
        "texts": truth.TEXTS,
        "input_ids": rows,
        "embeddings": truth.numbers(each),
        **vision_truth(f, pixels, seen),
    }
    truth.write(f"{f.path}.truth.json", out)
    return entry(
        out,
        "clip",
        f.artifacts,
        "as openai/clip-vit-base-patch32: two towers, end of text found by the highest id",
        modality="multimodal",
    )


def clip_st(out, name):
    """The same kind of model as sentence-transformers/clip-ViT-B-32 lies on disk: everything in 0_CLIPModel."""
    f = Files(out, name, "clip")
    inside = Files(f.path, "0_CLIPModel", "clip")
    t = bpe.clip()
    inside.transformer(clip_config(t.get_vocab_size()), cls=CLIPModel)
    inside.tokenizer(
        t,
        {
            **SPECIAL,
            "add_prefix_space": False,
            "do_lower_case": True,
            "errors": "replace",
            "model_max_length": 40,
            "tokenizer_class": "CLIPTokenizer",
        },
    )
    write_json(inside.at("preprocessor_config.json"), PREPROCESSOR)
    write_json(
        f.at("modules.json"),
        [{"idx": 0, "name": "0", "path": "0_CLIPModel", "type": "sentence_transformers.models.CLIPModel"}],
    )
    write_json(
        f.at("config_sentence_transformers.json"),
        {"__version__": {"sentence_transformers": "2.0.0", "transformers": "4.7.0", "pytorch": "1.9.0+cu102"}},
    )
    processor = CLIPImageProcessorPil.from_pretrained(inside.path)
    pixels = pixels_of(out, f, lambda p: processor(p, return_tensors="np")["pixel_values"][0])
    f.artifacts = ["0_CLIPModel/model.safetensors"]
    model = truth.load(f.path)
    vision = CLIPVisionModelWithProjection.from_pretrained(inside.path).eval()
    with torch.no_grad():
        seen = vision(pixel_values=torch.from_numpy(pixels)).image_embeds.numpy()
    truth.same(
        seen[2:], np.stack([model.encode(p) for p in images.write(out)]), "sentence-transformers on the images"
    )
    vectors = truth.encode(model, truth.TEXTS)
    result = {
        "model": name,
        "library": truth.LIBRARY,
        "pooling": "in_graph",
        "normalization": "none",
        "dimension": 24,
        "max_sequence_length": int(model.max_seq_length),
        "dtype": "float32",
        "artifacts": ["safetensors"],
        "texts": truth.TEXTS,
        "input_ids": [truth.token_ids(model, x) for x in truth.TEXTS],
        "embeddings": truth.numbers(vectors),
        **vision_truth(f, pixels, seen),
    }
    truth.write(f"{f.path}.truth.json", result)
    return entry(
        result,
        "clip",
        f.artifacts,
        "as sentence-transformers/clip-ViT-B-32: all in the folder 0_CLIPModel",
        modality="multimodal",
    )


MAKERS = {"clip": clip, "clip-st": clip_st}
