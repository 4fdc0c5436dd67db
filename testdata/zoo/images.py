"""Images and pixels for the models that see."""

import os

import numpy as np
from PIL import Image

import weights

#: The images of testdata/zoo/images: one wide and one tall, so that resizing and cropping both ways are seen.
PICTURES = ("images/gradient.png", "images/blocks.png")


def gradient() -> Image.Image:
    y, x = np.mgrid[0:37, 0:50]
    return Image.fromarray(np.stack([5 * x, 6 * y, 3 * (x + y) % 256], axis=-1).astype(np.uint8), "RGB")


def blocks() -> Image.Image:
    noise = (abs(weights.bell("blocks", (13, 8, 3))) * 100 % 256).astype(np.uint8)
    return Image.fromarray(noise.repeat(5, axis=0).repeat(4, axis=1), "RGB")


def write(out: str) -> list[Image.Image]:
    """Writes the images (uncompressed PNG, the same bytes with every zlib) and returns them."""
    os.makedirs(os.path.join(out, "images"), exist_ok=True)
    made = [gradient(), blocks()]
    for picture, name in zip(made, PICTURES):
        picture.save(os.path.join(out, name), compress_level=0)
    return made


def seeded(name: str, count: int, size: int) -> np.ndarray:
    """count x 3 x size x size float32 pixels as a preprocessor would make them: about mean 0, deviation 1."""
    return weights.bell(name + "/pixels", (count, 3, size, size)).astype(np.float32)
