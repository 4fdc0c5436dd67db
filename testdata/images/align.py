"""A CLIP whose towers have met: clip-aligned/, made from the zoo's random one in a minute, and its truth.

    python testdata/images/align.py       # writes clip-aligned/ and clip-aligned.truth.json

The images are those of detect/pictures.go, drawn again here; both sides check the same digest. Needs torch, transformers
5.23 and pillow (testdata/zoo/requirements.txt). Training is deterministic on one machine; elsewhere the last bits of the
weights differ, and the truth with them.
"""

import hashlib
import json
import os
import shutil

import numpy as np
import torch
from PIL import Image
from transformers import CLIPImageProcessorPil, CLIPModel, PreTrainedTokenizerFast

HERE = os.path.dirname(os.path.abspath(__file__))
ZOO = os.path.join(HERE, "..", "zoo", "clip")
OUT = os.path.join(HERE, "clip-aligned")
SIDE, FINE = 224, 2
COLOURS = {"red": (220, 20, 20), "green": (20, 160, 40), "blue": (30, 60, 220), "yellow": (250, 220, 20)}
TRIANGLE = [(0, -700), (780, 650), (-780, 650)]
STAR = [(0, -800), (188, -259), (761, -247), (304, 99), (470, 647), (0, 320), (-470, 647), (-304, 99), (-761, -247), (-188, -259)]  # fmt: skip


def inside(outline, x, y):
    """Even-odd: edges crossed by a ray to the right."""
    out = np.zeros(x.shape, bool)
    for (ax, ay), (bx, by) in zip(outline, outline[1:] + outline[:1]):
        cross = (ay > y) != (by > y)
        left = (bx - ax) * (y - ay) - (x - ax) * (by - ay)
        out ^= cross & (left != 0) & ((by > ay) == (left > 0))
    return out


def pictures():
    at = [(2 * i + 1) * 1024 // (SIDE * FINE) - 1024 for i in range(SIDE * FINE)]
    x, y = np.meshgrid(at, at)
    shapes = {
        "circle": x * x + y * y < 700 * 700,
        "square": (abs(x) < 620) & (abs(y) < 620),
        "triangle": inside(TRIANGLE, x, y),
        "star": inside(STAR, x, y),
    }
    every = FINE * FINE
    for shape, holds in shapes.items():
        covered = holds.reshape(SIDE, FINE, SIDE, FINE).sum((1, 3))[..., None]
        for colour, rgb in COLOURS.items():
            mixed = (np.array(rgb) * covered + 255 * (every - covered) + every // 2) // every
            yield f"a {colour} {shape}", mixed.astype(np.uint8)


def right(similarity):
    """How many rows have their largest value on the diagonal."""
    return int((similarity.argmax(1) == np.arange(len(similarity))).sum())


def main():
    torch.manual_seed(0)
    torch.set_num_threads(1)
    captions, drawn = zip(*pictures())
    tokenizer = PreTrainedTokenizerFast(tokenizer_file=os.path.join(ZOO, "tokenizer.json"), pad_token="<|endoftext|>")
    processor = CLIPImageProcessorPil.from_pretrained(ZOO)
    model = CLIPModel.from_pretrained(ZOO).train()
    text = tokenizer(list(captions), padding=True, return_tensors="pt")
    pixels = torch.from_numpy(np.stack(processor([Image.fromarray(d) for d in drawn])["pixel_values"]))
    inputs = {"input_ids": text["input_ids"], "attention_mask": text["attention_mask"], "pixel_values": pixels}
    adam = torch.optim.Adam(model.parameters(), lr=1e-3)
    for step in range(400):
        loss = model(**inputs, return_loss=True).loss
        adam.zero_grad()
        loss.backward()
        adam.step()
        if step % 50 == 49:
            print(step + 1, float(loss.detach()))
    model.eval()
    shutil.rmtree(OUT, ignore_errors=True)
    model.save_pretrained(OUT)
    os.chmod(os.path.join(OUT, "model.safetensors"), 0o644)
    for name in ("config.json", "preprocessor_config.json", "tokenizer.json", "tokenizer_config.json"):
        shutil.copy(os.path.join(ZOO, name), OUT)
    model = CLIPModel.from_pretrained(OUT).eval()
    with torch.no_grad():
        found = model(**inputs)
    cosine = (found.text_embeds @ found.image_embeds.T).double().numpy()
    n = len(captions)
    truth = {
        "pictures_sha256": hashlib.sha256(b"".join(d.tobytes() for d in drawn)).hexdigest(),
        "captions": captions,
        "image_for_text": right(cosine),
        "text_for_image": right(cosine.T),
        "mean_cosine_matched": float(np.trace(cosine) / n),
        "mean_cosine_other": float((cosine.sum() - np.trace(cosine)) / (n * n - n)),
    }
    with open(os.path.join(HERE, "clip-aligned.truth.json"), "w") as f:
        json.dump(truth, f, indent=1)
        f.write("\n")
    print(truth)


if __name__ == "__main__":
    main()
