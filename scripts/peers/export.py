"""Exports the transformer of a sentence-transformers folder to fp32 ONNX (last_hidden_state), once.

    python export.py FOLDER OUT_FOLDER

OUT_FOLDER gets model.onnx and copies of the folder's small files, so that probe and the peers find the tokenizer there.
"""

import pathlib
import shutil
import sys

import torch
from transformers import AutoModel

source, target = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
target.mkdir(parents=True, exist_ok=True)
model = AutoModel.from_pretrained(source, attn_implementation="eager").eval()


class States(torch.nn.Module):
    def __init__(self, inner):
        super().__init__()
        self.inner = inner

    def forward(self, input_ids, attention_mask, token_type_ids):
        return self.inner(
            input_ids=input_ids, attention_mask=attention_mask, token_type_ids=token_type_ids
        ).last_hidden_state


ids = torch.ones(2, 16, dtype=torch.int64)
batch, sequence = torch.export.Dim("batch"), torch.export.Dim("sequence", max=model.config.max_position_embeddings)
shape = {0: batch, 1: sequence}
names = ["input_ids", "attention_mask", "token_type_ids"]
torch.onnx.export(
    States(model),
    (ids, torch.ones_like(ids), torch.zeros_like(ids)),
    target / "model.onnx",
    input_names=names,
    output_names=["last_hidden_state"],
    dynamic_shapes={name: shape for name in names},
    dynamo=True,
    external_data=False,
)
for path in source.rglob("*"):
    if path.suffix in (".json", ".txt", ".model") and path.is_file():
        to = target / path.relative_to(source)
        to.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, to)
