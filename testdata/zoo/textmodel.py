"""One text model of any family, from its config.json to its truth."""

import os

import torch
import transformers
from sentence_transformers.base.modules import Dense

import folder
import onnx_files
import truth
import weights
from folder import write_json

ST = {
    "__version__": {"sentence_transformers": "3.4.1", "transformers": "4.51.3", "pytorch": "2.6.0+cu124"},
    "prompts": {},
    "default_prompt_name": None,
    "similarity_fn_name": "cosine",
}


class Files:
    """A model's folder while it is made."""

    def __init__(self, out: str, name: str, family: str):
        self.name, self.family = name, family
        self.path = folder.fresh(os.path.join(out, name))
        self.artifacts: list[str] = []
        self.model = None
        self.dtype = "float32"

    def at(self, *parts: str) -> str:
        return os.path.join(self.path, *parts)

    def transformer(
        self,
        config: dict,
        cls=None,
        dtype=None,
        prefix="",
        leftovers=None,
        rename=None,
        shards=0,
        zero_centred_norms=False,
        adjust=None,
    ) -> torch.nn.Module:
        """Writes config.json and the weights, and keeps the model that transformers makes of that very folder.

        cls is the transformers class (AutoModel's where none is given); adjust is called on the filled model.
        """
        write_json(self.at("config.json"), config)
        c = transformers.AutoConfig.from_pretrained(self.path)
        model = (cls or transformers.AutoModel.from_config(c).__class__)(c)
        weights.fill(model, self.name, zero_centred_norms)
        if adjust:
            with torch.no_grad():
                adjust(model)
        shared: dict[int, str] = {}
        state = {}
        for key, value in model.state_dict().items():
            if value.data_ptr() in shared and value.numel():  # a tied tensor is stored once
                continue
            shared[value.data_ptr()] = key
            state[prefix + (rename(key) if rename else key)] = value
        state.update(leftovers or {})
        if dtype is not None:
            self.dtype = {torch.float16: "float16", torch.bfloat16: "bfloat16"}[dtype]
        if shards:
            self.artifacts += folder.save_shards(self.path, state, shards, dtype)
        else:
            folder.save_weights(self.at("model.safetensors"), state, dtype)
            self.artifacts.append("model.safetensors")
        self.model = (cls or transformers.AutoModel).from_pretrained(self.path, dtype=torch.float32).eval()
        read = dict(self.model.named_parameters())
        for key, p in model.named_parameters():  # nothing was left to chance when the folder was read back
            assert torch.equal(read[key], p.to(dtype or p.dtype).float()), f"{self.name}: {key} was not read back"
        return self.model

    def tokenizer(self, t, config: dict, truncation=None, padding=None) -> None:
        folder.save_tokenizer(self.path, t, config, truncation, padding)

    def chain(
        self,
        pooling,
        dimension: int,
        steps=("Normalize",),
        st=None,
        max_seq_length=None,
        lower=False,
        dense=None,
        include_prompt=True,
    ) -> None:
        """modules.json and what belongs to it; dense is (out, bias, activation) for each Dense among the steps."""
        names = ["Pooling", *steps]
        folder.modules(self.path, ["Transformer", *names])
        folder.pooling_config(self.path, dimension, pooling, include_prompt=include_prompt)
        if max_seq_length is not None:
            write_json(
                self.at("sentence_bert_config.json"), {"max_seq_length": max_seq_length, "do_lower_case": lower}
            )
        else:
            write_json(self.at("sentence_bert_config.json"), {"do_lower_case": lower})
        write_json(self.at("config_sentence_transformers.json"), {**ST, **(st or {})})
        todo = list(dense or [])
        for i, step in enumerate(names, start=1):
            if step == "Dense":
                out, bias, activation = todo.pop(0)
                m = weights.fill(Dense(dimension, out, bias=bias), f"{self.name}/{i}_Dense")
                write_json(
                    self.at(f"{i}_Dense", "config.json"),
                    {"in_features": dimension, "out_features": out, "bias": bias, "activation_function": activation},
                )
                folder.module_weights(self.at(f"{i}_Dense"), m)
                dimension = out

    def onnx(
        self, inputs=("input_ids", "attention_mask"), side="right", pad=0, module=None, file="onnx/model.onnx"
    ) -> None:
        """Exports last_hidden_state and checks it against PyTorch on another batch."""
        wrapped = onnx_files.LastHiddenState(module or self.model, inputs)
        onnx_files.export(wrapped, self.at(file), inputs)
        first = [5, 9, 8, 7, 3, 6]
        onnx_files.check_states(
            self.at(file), module or self.model, inputs, [first, first[:2], list(range(5, 38))], side=side, pad=pad
        )
        self.artifacts.append(file)

    def finish(self, pooling: str, what: str, tolerance: float = 1e-5, states=(), model=None, extra=None) -> dict:
        """Writes the truth; returns the model's line of the index."""
        kinds = [k for k in ("safetensors", "onnx") if any(a.endswith(k) for a in self.artifacts)]
        t = truth.of_sentence_transformer(
            self.path, self.name, kinds, pooling, self.dtype, states=states, model=model
        )
        t.update(extra or {})
        truth.write(f"{self.path}.truth.json", t)
        return entry(t, self.family, self.artifacts, what, tolerance)


def entry(t: dict, family: str, files: list[str], what: str, tolerance: float = 1e-5, modality: str = "text") -> dict:
    """A model's line of zoo.json."""
    return {
        "name": t["model"],
        "family": family,
        "artifacts": files,
        "what": what,
        "pooling": t["pooling"],
        "normalization": t["normalization"],
        "dimension": t["dimension"],
        "max_sequence_length": t["max_sequence_length"],
        "dtype": t["dtype"],
        "modality": modality,
        "tolerance": tolerance,
    }
