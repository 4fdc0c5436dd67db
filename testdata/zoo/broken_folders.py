"""Broken model folders: safetensors, configuration, tokenizer, modules."""

import json
import os
import struct

import folder
import weights
from broken import case, header, model, state, tokenizer, weights_file, write_bytes
from folder import read_json, write_json, write_text


@case("safetensors-truncated", "truncated", "load", "model.safetensors cut off in the middle of the data")
def truncated(path):
    whole = weights_file(state())
    model(path, raw=whole[: len(whole) * 7 // 10])


@case("safetensors-empty", "empty_file", "load", "model.safetensors of zero bytes")
def empty(path):
    model(path, raw=b"")


@case("safetensors-header-garbage", "invalid_format", "load", "a header that is not JSON")
def header_garbage(path):
    model(path, raw=header("{not json at all" + "\x01" * 50, bytes(64)))


@case("safetensors-header-huge", "too_large", "load", "a header that says it is 2^60 bytes long")
def header_huge(path):
    model(path, raw=struct.pack("<Q", 1 << 60) + b"{}" + bytes(100))


@case("safetensors-header-cut", "truncated", "load", "a header that says it is longer than the file")
def header_cut(path):
    model(path, raw=struct.pack("<Q", 5000) + b'{"a":' + bytes(100))


@case("safetensors-header-deep", "invalid_format", "load", "a header of 20,000 nested arrays")
def header_deep(path):
    model(path, raw=header('{"a":' + "[" * 20000 + "]" * 20000 + "}"))


@case("safetensors-overlap", "invalid_format", "load", "two tensors that share bytes")
def overlap(path):
    model(
        path,
        raw=header(
            {
                "a": {"dtype": "F32", "shape": [2, 2], "data_offsets": [0, 16]},
                "b": {"dtype": "F32", "shape": [2, 2], "data_offsets": [8, 24]},
            },
            bytes(24),
        ),
    )


@case("safetensors-past-end", "truncated", "load", "a tensor whose bytes lie past the end of the file")
def past_end(path):
    model(path, raw=header({"a": {"dtype": "F32", "shape": [100], "data_offsets": [0, 400]}}, bytes(16)))


@case("safetensors-shape", "invalid_format", "load", "a shape that does not fit the number of bytes")
def shape(path):
    model(path, raw=header({"a": {"dtype": "F32", "shape": [3, 5], "data_offsets": [0, 16]}}, bytes(16)))


@case("safetensors-shape-overflow", "invalid_format", "load", "a shape whose product does not fit 64 bits")
def shape_overflow(path):
    model(
        path,
        raw=header(
            {
                "a": {"dtype": "F32", "shape": [1 << 33, 1 << 33, 0], "data_offsets": [0, 0]},
                "b": {"dtype": "F32", "shape": [1 << 62, 4], "data_offsets": [0, 16]},
            },
            bytes(16),
        ),
    )


@case("safetensors-duplicate", "invalid_format", "load", "two tensors of the same name")
def duplicate(path):
    one = '"a":{"dtype":"F32","shape":[4],"data_offsets":[0,16]}'
    model(path, raw=header("{" + one + "," + one + "}", bytes(16)))


@case("safetensors-nan", "non_finite", "inference", "NaN among the weights")
def nan(path):
    tensors = state()
    tensors["embeddings.LayerNorm.weight"][3] = float("nan")
    model(path, tensors=tensors)


@case("safetensors-lfs-pointer", "invalid_format", "resolve", "a Git LFS pointer where the weights should be")
def lfs_pointer(path):
    model(path, raw=b"version https://git-lfs.github.com/spec/v1\noid sha256:" + b"0" * 64 + b"\nsize 90868376\n")


@case("safetensors-no-config", "missing_file", "load", "weights without a config.json")
def no_config(path):
    model(path)
    os.remove(os.path.join(path, "config.json"))


@case("shard-missing", "missing_file", "load", "an index that names a shard that is not there")
def shard_missing(path):
    model(path)
    os.remove(os.path.join(path, "model.safetensors"))
    folder.save_shards(path, state(), 2)
    os.remove(os.path.join(path, "model-00002-of-00002.safetensors"))


@case("shard-outside", "unsafe_path", "load", "an index that names a shard outside the folder")
def shard_outside(path):
    shard_missing(path)
    file = os.path.join(path, "model.safetensors.index.json")
    index = read_json(file)
    index["weight_map"] = {k: v.replace("model-00002", "../model-00002") for k, v in index["weight_map"].items()}
    write_json(file, index)


@case("config-lying-size", "invalid_config", "load", "config.json says hidden_size 16, the weights have 8")
def lying_size(path):
    model(path, {"hidden_size": 16})


@case("config-lying-layers", "missing_tensor", "load", "config.json says 5 layers, the weights have one")
def lying_layers(path):
    model(path, {"num_hidden_layers": 5})


@case("config-missing-tensor", "missing_tensor", "load", "one tensor of the layer is not in the file")
def missing_tensor(path):
    tensors = state()
    del tensors["encoder.layer.0.output.dense.bias"]
    model(path, tensors=tensors)


@case("config-absurd", "invalid_config", "load", "config.json says -8 attention heads")
def absurd(path):
    model(path, {"num_attention_heads": -8})


@case("config-unknown-type", "unsupported_model", "load", "model_type frobnicate")
def unknown_type(path):
    model(path, {"model_type": "frobnicate", "architectures": ["FrobnicateModel"]})


@case("config-unknown-option", "unsupported_model", "load", "BERT with position_embedding_type relative_key_query")
def unknown_option(path):
    model(path, {"position_embedding_type": "relative_key_query"})


@case("config-deep", "invalid_config", "load", "config.json of 20,000 nested arrays")
def deep(path):
    model(path)
    write_text(os.path.join(path, "config.json"), '{"model_type":"bert","x":' + "[" * 20000 + "]" * 20000 + "}")


@case("config-not-json", "invalid_config", "load", "config.json that ends too soon")
def not_json(path):
    model(path)
    write_text(os.path.join(path, "config.json"), '{"model_type": "bert", "hidden_size": ')


@case("tokenizer-garbage", "tokenizer", "load", "tokenizer.json is not JSON")
def tokenizer_garbage(path):
    model(path)
    noise = (abs(weights.bell("tokenizer", (300,))) * 1000 % 256).astype("uint8").tobytes()
    write_bytes(os.path.join(path, "tokenizer.json"), b"{\x00" + noise)


@case("tokenizer-deep", "tokenizer", "load", "tokenizer.json whose normalizers are 20,000 nested arrays")
def tokenizer_deep(path):
    model(path)
    whole = json.loads(tokenizer().to_str())
    text = json.dumps({**whole, "normalizer": None})
    nested = '{"type":"Sequence","normalizers":' + "[" * 20000 + "]" * 20000 + "}"
    write_text(os.path.join(path, "tokenizer.json"), text.replace('"normalizer": null', '"normalizer": ' + nested))


@case("tokenizer-unknown-model", "tokenizer", "load", "a tokenizer whose model is of a type that nobody has")
def tokenizer_unknown(path):
    model(path)
    whole = json.loads(tokenizer().to_str())
    whole["model"]["type"] = "FrobnicatePiece"
    write_json(os.path.join(path, "tokenizer.json"), whole, indent=None)


@case("modules-outside", "unsafe_path", "load", "modules.json names ../config-absurd")
def modules_outside(path):
    model(path)
    modules = read_json(os.path.join(path, "modules.json"))
    modules[1]["path"] = "../config-absurd/1_Pooling"
    write_json(os.path.join(path, "modules.json"), modules)


@case("modules-missing", "missing_file", "load", "modules.json names a Dense folder that is not there")
def modules_missing(path):
    model(path)
    folder.modules(path, ["Transformer", "Pooling", "Dense"])


@case("modules-unknown", "unsupported_model", "load", "modules.json names a module of somebody's own")
def modules_unknown(path):
    model(path)
    modules = read_json(os.path.join(path, "modules.json"))
    modules.append({"idx": 2, "name": "2", "path": "2_Own", "type": "my_package.modules.Frobnicate"})
    write_json(os.path.join(path, "modules.json"), modules)


def pickled(path, data):
    model(path)
    os.remove(os.path.join(path, "model.safetensors"))
    write_bytes(os.path.join(path, "pytorch_model.bin"), data)


@case("pickle-only", "unsupported_format", "load", "pytorch_model.bin that is a pickle and not what torch.save writes")
def pickle_only(path):
    pickled(path, b"\x80\x02}q\x00X\x01\x00\x00\x00aq\x01K\x01s.")


@case("pickle-code", "unsupported_format", "load", "pytorch_model.bin whose pickle calls os.system")
def pickle_code(path):
    head = b"\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19." + b"\x80\x02M\xe9\x03." + b"\x80\x02}."
    pickled(path, head + b"\x80\x02cos\nsystem\nX\x09\x00\x00\x00touch ran\x85R.")


@case("pickle-truncated", "truncated", "load", "pytorch_model.bin that is the beginning of an archive")
def pickle_truncated(path):
    pickled(path, b"PK\x03\x04" + bytes(60))


@case("tensorflow-only", "unsupported_format", "resolve", "tf_model.h5 and no other weights")
def tensorflow_only(path):
    model(path)
    os.remove(os.path.join(path, "model.safetensors"))
    write_bytes(os.path.join(path, "tf_model.h5"), b"\x89HDF\r\n\x1a\n" + bytes(8))


@case("no-model", "not_found", "resolve", "a folder without any model in it")
def no_model(path):
    write_text(os.path.join(path, "README.md"), "There is no model here.\n")


@case("dangling-symlink", "missing_file", "resolve", "model.safetensors is a link to a blob that is gone")
def dangling(path):
    model(path)
    os.remove(os.path.join(path, "model.safetensors"))
    os.symlink("../../blobs/0123456789abcdef", os.path.join(path, "model.safetensors"))
