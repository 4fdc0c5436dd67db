"""The shortest useful onnxruntime + tokenizers program: load, embed one text with mean pooling and L2, print the vector.

    python peer_onnxruntime.py MODEL.onnx TOKENIZER.json TEXT
"""

import json
import sys

import numpy
import onnxruntime
from tokenizers import Tokenizer

tokenizer = Tokenizer.from_file(sys.argv[2])
tokenizer.no_padding()  # the file asks for 128 tokens always, which would only slow this program down
session = onnxruntime.InferenceSession(sys.argv[1], providers=["CPUExecutionProvider"])
tokens = tokenizer.encode(sys.argv[3])
ids = numpy.array([tokens.ids], dtype=numpy.int64)
mask = numpy.array([tokens.attention_mask], dtype=numpy.int64)
feeds = {"input_ids": ids, "attention_mask": mask, "token_type_ids": numpy.zeros_like(ids)}
states = session.run(None, {i.name: feeds[i.name] for i in session.get_inputs()})[0]
vector = (states * mask[..., None]).sum(axis=1)[0] / mask.sum()
vector /= numpy.linalg.norm(vector)
print(json.dumps({"embedding": vector.tolist()}))
