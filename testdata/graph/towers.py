"""CLIP and SigLIP: a text and an image tower each."""

import torch
import transformers as t

import common
from encoders import VOCAB, dump

TEXT = dict(vocab_size=VOCAB, hidden_size=16, intermediate_size=24, num_hidden_layers=2, num_attention_heads=4,
            max_position_embeddings=12, pad_token_id=1)
VISION = dict(hidden_size=12, intermediate_size=20, num_hidden_layers=2, num_attention_heads=3, image_size=21, patch_size=5)
MODELS = []


def register(make):
    MODELS.append(make)
    return make


def pixels(seed):
    return torch.randn((3, 3, 21, 21), generator=torch.Generator().manual_seed(seed))


def towers(name, model, dim, *, seed, eos=None, config, dtype=None):
    common.randomize(model, seed)
    with torch.no_grad():  # parameters that are no matrices of a layer
        for p in (p for n, p in model.named_parameters() if "class_embedding" in n or "probe" in n):
            p.copy_(torch.randn(p.shape, generator=torch.Generator().manual_seed(seed)))
    if dtype is not None:
        common.round_weights(model, dtype)
    common.save(name, model.state_dict(), config, dtype=dtype)
    cases = []
    for label, ids, mask in common.inputs(seed, VOCAB - 1, 12, 1, eos=eos):
        with torch.no_grad():
            out = model.text_model(input_ids=torch.tensor(ids), attention_mask=torch.tensor(mask))
            embeds = model.get_text_features(input_ids=torch.tensor(ids), attention_mask=torch.tensor(mask)).pooler_output
        cases.append(common.text_case(label, ids, mask, None, out.last_hidden_state))
        cases.append(common.text_case(label + ", embeds", ids, mask, None, embeds) | {"output": "text_embeds"})
    image = pixels(seed)
    with torch.no_grad():
        hidden = model.vision_model(pixel_values=image).last_hidden_state
        embeds = model.get_image_features(pixel_values=image).pooler_output
    for output, value in (("last_hidden_state", hidden), ("image_embeds", embeds)):
        cases.append({"name": output, "pixels": common.encode(image), "pixel_shape": list(image.shape), "output": output,
                      "shape": list(value.shape), "hidden": common.encode(value)})
    common.write_truth(name, cases, 12, True)


def clip_model(eos):
    return t.CLIPModel(t.CLIPConfig(text_config=TEXT | {"eos_token_id": eos, "bos_token_id": 0}, vision_config=VISION,
                                    projection_dim=10))


@register
def clip():
    model = clip_model(VOCAB - 1)
    towers("clip", model, 10, seed=61, eos=VOCAB - 1, config=dump(model.config))


@register
def clip_old():
    """The first files: eos_token_id 2, which means the largest id, and every tower's configuration twice."""
    model = clip_model(2)
    full = dump(model.config)
    old = full | {"text_config_dict": TEXT | {"eos_token_id": 2, "bos_token_id": 0}, "vision_config_dict": VISION,
                  "text_config": full["text_config"] | {"num_attention_heads": 2}}
    towers("clip-old", model, 10, seed=62, eos=VOCAB - 1, config=old, dtype=torch.float16)


@register
def siglip():
    config = t.SiglipConfig(text_config=TEXT | {"projection_size": 12}, vision_config=VISION)
    model = t.SiglipModel(config)
    towers("siglip", model, 12, seed=63, config=dump(config))
