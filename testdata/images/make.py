"""Truth for models/pixels: what Pillow and transformers make of images.

    python testdata/images/make.py        # writes files/ and truth.json.gz next to this script

Needs pillow 13.0.0, numpy and transformers 5.23 (testdata/zoo/requirements.txt). On one version of Pillow two runs give
the same bytes.
"""

import base64
import gzip
import io
import json
import os
import struct
import tempfile
import zlib

import numpy as np
import PIL
import transformers
from PIL import Image

HERE = os.path.dirname(os.path.abspath(__file__))
FILES = os.path.join(HERE, "files")

#: (width, height) before and after: up, down, by a hair, one way only, odd, not square, one pixel, no change.
RESIZES = [
    ((37, 23), (11, 19)),
    ((37, 23), (74, 46)),
    ((37, 23), (38, 22)),
    ((37, 23), (37, 9)),
    ((37, 23), (60, 23)),
    ((37, 23), (1, 1)),
    ((1, 1), (7, 5)),
    ((1, 29), (13, 8)),
    ((29, 1), (8, 13)),
    ((2, 3), (31, 17)),
    ((120, 90), (30, 30)),
    ((90, 120), (7, 31)),
    ((5, 5), (5, 5)),
    ((3, 200), (3, 7)),
]

CLIP = {"image_processor_type": "CLIPImageProcessor"}
SMALL = {"size": {"shortest_edge": 20}, "crop_size": {"height": 16, "width": 18}}

#: (what it is for, preprocessor_config.json, config.json's model_type, image)
CASES = [
    ("clip, as the first release wrote it", {"feature_extractor_type": "CLIPFeatureExtractor", "size": 20, "crop_size": 17, "resample": 3}, "clip", "wide.png"),
    ("clip, tall", {**CLIP, **SMALL}, "clip", "tall.png"),
    ("clip, a fast class, no type of model", {**SMALL, "image_processor_type": "CLIPImageProcessorFast"}, "", "wide.png"),
    ("siglip, as transformers 4 saved it", {"image_processor_type": "SiglipImageProcessor", "do_convert_rgb": None, "size": {"height": 14, "width": 14}, "resample": 3}, "siglip", "wide.png"),
    ("clip, all defaults", CLIP, "clip", "tiny.png"),
    ("clip, no type but the model's", SMALL, "clip", "tiny.png"),
    ("clip, null is no", {**CLIP, "size": {"shortest_edge": 20}, "crop_size": None, "do_center_crop": None, "do_rescale": None, "rescale_factor": None}, "clip", "wide.png"),
    ("clip, cropped to more than there is, odd", {**CLIP, "size": {"shortest_edge": 9}, "crop_size": {"height": 12, "width": 24}}, "clip", "wide.png"),
    ("clip, cropped wider and lower", {**CLIP, "size": {"shortest_edge": 9}, "crop_size": {"height": 4, "width": 30}}, "clip", "tall.png"),
    ("clip, not resized", {**CLIP, "do_resize": False, "crop_size": 21}, "clip", "tall.png"),
    ("clip, not cropped", {**CLIP, "size": {"height": 12, "width": 19}, "do_center_crop": False}, "clip", "wide.png"),
    ("clip, not normalized", {**CLIP, **SMALL, "do_normalize": False}, "clip", "wide.png"),
    ("clip, not rescaled", {**CLIP, **SMALL, "do_rescale": False, "image_mean": [120, 110, 100], "image_std": [60, 61.5, 62]}, "clip", "wide.png"),
    ("clip, neither", {**CLIP, **SMALL, "do_rescale": False, "do_normalize": False}, "clip", "wide.png"),
    ("clip, one mean for all, another factor", {**CLIP, **SMALL, "image_mean": 0.4, "image_std": 0.3, "rescale_factor": 0.0078125}, "clip", "wide.png"),
    ("clip, both edges bound, the longer one wins", {**CLIP, "size": {"shortest_edge": 30, "longest_edge": 33}, "do_center_crop": False}, "clip", "wide.png"),
    ("clip, both edges bound, the shorter one wins", {**CLIP, "size": {"shortest_edge": 12, "longest_edge": 99}, "do_center_crop": False}, "clip", "tall.png"),
    ("siglip, all defaults but the size", {"image_processor_type": "SiglipImageProcessor", "size": {"height": 21, "width": 21}}, "siglip", "wide.png"),
    ("siglip, a size of one number is the shorter side", {"image_processor_type": "SiglipImageProcessor", "size": 14}, "siglip", "wide.png"),
    ("siglip, no type but the model's", {"size": {"height": 14, "width": 9}, "resample": 2}, "siglip", "tall.png"),
    ("siglip, all defaults", {"image_processor_type": "SiglipImageProcessor"}, "siglip", "tiny.png"),
    ("vit, a size of one number is a square", {"image_processor_type": "ViTImageProcessor", "size": 15}, "vit", "wide.png"),
    ("vit, height and width as a list", {"image_processor_type": "ViTImageProcessor", "size": [13, 22]}, "vit", "wide.png"),
    ("bit", {"image_processor_type": "BitImageProcessor", **SMALL}, "dinov2", "wide.png"),
    ("deit", {"image_processor_type": "DeiTImageProcessor", "size": 20, "crop_size": 14}, "deit", "tall.png"),
    ("blip", {"image_processor_type": "BlipImageProcessor", "size": {"height": 16, "width": 16}}, "blip", "tall.png"),
    ("pvt", {"image_processor_type": "PvtImageProcessor", "size": 16}, "pvt", "tall.png"),
    ("chinese clip", {"image_processor_type": "ChineseCLIPImageProcessor", **SMALL}, "chinese_clip", "tall.png"),
] + [(f"clip, filter {n}", {**CLIP, **SMALL, "resample": n}, "clip", "wide.png") for n in range(6)]  # fmt: skip


def noise(width: int, height: int, seed: int) -> np.ndarray:
    """Half noise, half a gradient, with black and white edges that filters overshoot at."""
    r = np.random.Generator(np.random.PCG64(seed))
    a = r.integers(0, 256, (height, width, 3)).astype(np.int64)
    y, x = np.mgrid[0:height, 0:width]
    ramp = np.stack([x * 255 // max(1, width - 1), y * 255 // max(1, height - 1), (x + y) % 256], axis=-1)
    a = np.where((x // 4 + y // 4)[..., None] % 2 == 0, a, ramp)
    a[x % 9 == 0] = 0
    a[y % 7 == 3] = 255
    return a.astype(np.uint8)


def smooth(width: int, height: int) -> np.ndarray:
    """What JPEG is made for."""
    y, x = np.mgrid[0:height, 0:width] / 8.0
    return np.stack([128 + 100 * np.sin(x), 128 + 90 * np.cos(y), 128 + 80 * np.sin(x + y)], axis=-1).astype(np.uint8)


def png16(a: np.ndarray) -> bytes:
    """A PNG of 16 bits a channel, which Pillow reads and does not write."""
    height, width, _ = a.shape
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in a)

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    head = struct.pack(">IIBBBBB", width, height, 16, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def pictures() -> dict[str, bytes]:
    """Small images in the forms that files have: colours, greys, palettes, transparency, bits, inks."""
    out = {}

    def save(name, im, **kw):
        b = io.BytesIO()
        im.save(b, {"png": "PNG", "jpg": "JPEG", "gif": "GIF"}[name.rsplit(".", 1)[1]], **kw)
        out[name] = b.getvalue()

    base = noise(24, 17, 1)
    alpha = np.random.Generator(np.random.PCG64(2)).integers(0, 256, (17, 24), dtype=np.uint8)
    alpha[:4], alpha[4:8] = 0, 255
    rgb = Image.fromarray(base)
    grey = Image.fromarray(base[..., 1].copy())
    palette = rgb.quantize(16, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    save("wide.png", Image.fromarray(noise(50, 37, 3)))
    save("tall.png", Image.fromarray(noise(31, 64, 4)))
    save("tiny.png", Image.fromarray(noise(3, 2, 5)))
    save("rgb.png", rgb)
    save("rgba.png", Image.fromarray(np.dstack([base, alpha])))
    save("grey.png", grey)
    save("grey-alpha.png", Image.merge("LA", (grey, Image.fromarray(alpha))))
    save("one-bit.png", grey.convert("1"))
    save("palette.png", palette)
    save("palette-transparent.png", palette, transparency=3)
    save("palette-alpha.png", palette, transparency=bytes(range(0, 256, 16)))
    save("rgb-key.png", rgb, transparency=tuple(int(v) for v in base[0, 1]))
    save("grey-key.png", grey, transparency=int(base[0, 1, 1]))
    save("grey16.png", Image.fromarray((base[..., 0].astype(np.uint16) << 8) | base[..., 1]))
    out["rgb16.png"] = png16((base.astype(np.uint16) << 8) | base[..., ::-1])
    soft = Image.fromarray(smooth(45, 35))
    save("444.jpg", soft, quality=92, subsampling=0)
    save("420.jpg", soft, quality=92, subsampling=2)
    save("422.jpg", soft, quality=92, subsampling=1)
    save("progressive.jpg", soft, quality=92, subsampling=0, progressive=True)
    save("grey.jpg", soft.convert("L"), quality=92)
    save("cmyk.jpg", soft.convert("CMYK"), quality=95)
    save("palette.gif", palette)
    save("transparent.gif", palette, transparency=3)
    return out


def text(a: np.ndarray) -> str:
    return base64.b64encode(a.tobytes()).decode()


def processor(config: dict, model_type: str):
    """The class that transformers chooses, in its PIL variant, from a folder with these files."""
    with tempfile.TemporaryDirectory() as folder:
        with open(os.path.join(folder, "preprocessor_config.json"), "w") as f:
            json.dump(config, f)
        with open(os.path.join(folder, "config.json"), "w") as f:
            json.dump({"model_type": model_type} if model_type else {}, f)
        return transformers.AutoImageProcessor.from_pretrained(folder, backend="pil")


def main() -> None:
    os.makedirs(FILES, exist_ok=True)
    files = pictures()
    for name, data in files.items():
        with open(os.path.join(FILES, name), "wb") as f:
            f.write(data)
    converted = []
    for name in files:
        a = transformers.image_transforms.convert_to_rgb(Image.open(os.path.join(FILES, name)), return_numpy=True)
        converted.append({"file": name, "width": a.shape[1], "height": a.shape[0], "rgb": text(a)})
    resized = []
    for seed, (before, after) in enumerate(RESIZES):
        a = noise(*before, 100 + seed)
        for n in range(6):
            b = np.asarray(Image.fromarray(a).resize(after, n))
            case = {"filter": n, "from": before, "to": after, "rgb": text(b)}
            resized.append(case if n else {**case, "source": text(a)})
    processed = []
    for what, config, model_type, picture in CASES:
        p = processor(config, model_type)
        v = p(Image.open(os.path.join(FILES, picture)), return_tensors="np")["pixel_values"][0].astype("<f4")
        step = 7 if v.size > 20000 else 1  # the defaults are large: every 7th value says as much
        processed.append(
            {
                "what": what,
                "config": config,
                "model_type": model_type,
                "file": picture,
                "class": type(p).__name__,
                "shape": v.shape,
                "step": step,
                "values": text(v.reshape(-1)[::step]),
            }
        )
    doc = {
        "library": f"pillow {PIL.__version__} / transformers {transformers.__version__}",
        "converted": converted,
        "resized": resized,
        "processed": processed,
    }
    with open(os.path.join(HERE, "truth.json.gz"), "wb") as f:
        with gzip.GzipFile(fileobj=f, mode="wb", mtime=0, filename="") as z:
            z.write(json.dumps(doc).encode())


if __name__ == "__main__":
    main()
