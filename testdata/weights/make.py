"""Writes PyTorch state dicts without PyTorch, byte for byte in the forms that torch.save writes.

    make.py fixtures                    the small files here, and state.json with what each holds
    make.py rewrite FORM SOURCE FOLDER  the weights of a safetensors file as FOLDER/pytorch_model.bin

FORM is zip, legacy, sharded, state_dict or views. Needs numpy. check_torch.py holds the fixtures against PyTorch.
"""

import collections
import io
import json
import pathlib
import pickle
import struct
import sys
import types
import zlib

import numpy

HERE = pathlib.Path(__file__).parent

# Storage classes by the types of safetensors. bfloat16 is no type of numpy, so arrays are bytes with a type beside them.
STORAGES = {"F32": "FloatStorage", "F16": "HalfStorage", "BF16": "BFloat16Storage", "F64": "DoubleStorage",
            "I64": "LongStorage", "I32": "IntStorage", "I16": "ShortStorage", "I8": "CharStorage",
            "U8": "ByteStorage", "BOOL": "BoolStorage"}
SIZES = {"F32": 4, "F16": 2, "BF16": 2, "F64": 8, "I64": 8, "I32": 4, "I16": 2, "I8": 1, "U8": 1, "BOOL": 1}


def fake_torch():
    """Modules that have the names which a pickle of tensors mentions; pickle looks them up, and calls nothing."""
    torch, utils = types.ModuleType("torch"), types.ModuleType("torch._utils")
    torch._utils = utils
    for name in STORAGES.values():
        setattr(torch, name, type(name, (), {"__module__": "torch"}))
    for name in ("_rebuild_tensor", "_rebuild_tensor_v2", "_rebuild_parameter"):
        function = types.FunctionType((lambda *args: None).__code__, {}, name)
        function.__module__, function.__qualname__ = "torch._utils", name
        setattr(utils, name, function)
    sys.modules["torch"], sys.modules["torch._utils"] = torch, utils
    return torch


class Storage:
    def __init__(self, kind, data):
        self.kind, self.data = kind, bytes(data)
        self.count = len(self.data) // SIZES[kind]


class Tensor:
    def __init__(self, storage, first, shape, stride=None):
        self.storage, self.first, self.shape = storage, first, tuple(shape)
        if stride is None:
            stride, n = [], 1
            for d in reversed(self.shape):
                stride.insert(0, n)
                n *= d
        self.stride = tuple(stride)

    def __reduce_ex__(self, protocol):
        utils = sys.modules["torch._utils"]
        return utils._rebuild_tensor_v2, (self.storage, self.first, self.shape, self.stride, False,
                                          collections.OrderedDict())

    def raw(self):
        n = SIZES[self.storage.kind]
        for d in self.shape:
            n *= d
        at = self.first * SIZES[self.storage.kind]
        return self.storage.data[at:at + n]


class Parameter:
    def __init__(self, tensor):
        self.tensor = tensor

    def __reduce_ex__(self, protocol):
        return sys.modules["torch._utils"]._rebuild_parameter, (self.tensor, True, collections.OrderedDict())


def tensor(kind, data, shape):
    return Tensor(Storage(kind, data), 0, shape)


class Pickler(pickle.Pickler):
    """Writes storages as persistent ids, as torch.save does: a tuple of five, in streams of six."""

    def __init__(self, file, protocol, legacy):
        super().__init__(file, protocol)
        self.legacy, self.storages, self.keys = legacy, {}, {}

    def persistent_id(self, obj):
        if not isinstance(obj, Storage):
            return None
        if id(obj) not in self.keys:
            n = len(self.storages)
            self.keys[id(obj)] = str(94000000000000 + n * 64) if self.legacy else str(n)
            self.storages[self.keys[id(obj)]] = obj
        members = ("storage", getattr(sys.modules["torch"], STORAGES[obj.kind]), self.keys[id(obj)], "cpu", obj.count)
        return members + (None,) if self.legacy else members


def pickled(state, protocol, legacy):
    out = io.BytesIO()
    pickler = Pickler(out, protocol, legacy)
    pickler.dump(state)
    return out.getvalue(), pickler.storages


def save_legacy(path, state, protocol=2):
    """_legacy_save: magic number, protocol version, facts about the machine, the state, the keys, the storages."""
    data, storages = pickled(state, protocol, True)
    keys = sorted(storages)
    with open(path, "wb") as f:
        pickle.dump(0x1950A86A20F9469CFC6C, f, protocol=2)
        pickle.dump(1001, f, protocol=2)
        pickle.dump(dict(protocol_version=1001, little_endian=True, type_sizes=dict(short=2, int=4, long=4)), f, protocol=2)
        f.write(data)
        pickle.dump(keys, f, protocol=protocol)
        for key in keys:
            f.write(struct.pack("<q", storages[key].count) + storages[key].data)


def save_zip(path, state, protocol=2, byteorder=True):
    """_save with torch's own zip writer (miniz): stored records, aligned to 64 bytes by an extra field FB, sizes after
    the bytes, and a 64-bit end always."""
    data, storages = pickled(state, protocol, False)
    records = [("data.pkl", data), (".format_version", b"1"), (".storage_alignment", b"64")]
    if byteorder:
        records.append(("byteorder", b"little"))
    records += [("data/" + key, s.data) for key, s in storages.items()]
    records += [("version", b"3\n"), (".data/serialization_id", b"0" * 40)]
    folder = pathlib.Path(path).stem
    central, at = b"", 0
    with open(path, "wb") as f:
        for name, body in records:
            name = (folder + "/" + name).encode()
            pad = -(at + 30 + len(name) + 4) % 64
            extra = b"FB" + struct.pack("<H", pad) + b"Z" * pad
            f.write(struct.pack("<IHHHHHIIIHH", 0x04034B50, 0, 0x808, 0, 0, 0, 0, 0, 0, len(name), len(extra)) + name + extra)
            f.write(body)
            crc = zlib.crc32(body)
            f.write(struct.pack("<IIII", 0x08074B50, crc, len(body), len(body)))
            central += struct.pack("<IHHHHHHIIIHHHHHII", 0x02014B50, 0, 0, 0x808, 0, 0, 0, crc, len(body), len(body),
                                   len(name), 0, 0, 0, 0, 0, at) + name
            at += 30 + len(name) + len(extra) + len(body) + 16
        f.write(central)
        f.write(struct.pack("<IQHHIIQQQQ", 0x06064B50, 44, 0x31E, 45, 0, 0, len(records), len(records), len(central), at))
        f.write(struct.pack("<IIQI", 0x07064B50, 0, at + len(central), 1))
        f.write(struct.pack("<IHHHHIIH", 0x06054B50, 0, 0, len(records), len(records), len(central), at, 0))


def state_dict(tensors):
    """An OrderedDict with _metadata, as Module.state_dict() returns one."""
    state = collections.OrderedDict(tensors)
    state._metadata = collections.OrderedDict([("", {"version": 1}), ("layer", {"version": 1})])
    return state


def read_safetensors(path):
    with open(path, "rb") as f:
        (n,) = struct.unpack("<Q", f.read(8))
        header = json.loads(f.read(n))
        data = f.read()
    header.pop("__metadata__", None)
    return {name: tensor(t["dtype"], data[slice(*t["data_offsets"])], t["shape"]) for name, t in header.items()}


def rewrite(form, source, folder):
    tensors = read_safetensors(source)
    target = pathlib.Path(folder) / "pytorch_model.bin"
    if form == "zip":
        save_zip(target, state_dict({name: Parameter(t) if t.storage.kind == "F32" else t for name, t in tensors.items()}))
    elif form == "legacy":
        save_legacy(target, state_dict(tensors))
    elif form == "state_dict":
        save_zip(target, {"epoch": 3, "state_dict": state_dict(tensors), "best": 0.5, "args": None}, protocol=4)
    elif form == "views":
        # Every tensor is a part of one storage, and one has a second name, which the model ties.
        storage = Storage("F32", b"".join(t.raw() for t in tensors.values() if t.storage.kind == "F32"))
        state, first = {}, 0
        for name, t in tensors.items():
            if t.storage.kind != "F32":
                state[name] = t
                continue
            state[name] = Tensor(storage, first, t.shape)
            first += t.storage.count
            if name.endswith("embeddings.word_embeddings.weight"):
                state["cls.predictions.decoder.weight"] = state[name]
        save_zip(target, state_dict(state), byteorder=False)
    elif form == "sharded":
        names = sorted(tensors)
        weight_map = {}
        for i, part in enumerate((names[::2], names[1::2]), 1):
            shard = "pytorch_model-%05d-of-00002.bin" % i
            save_zip(target.parent / shard, state_dict({name: tensors[name] for name in part}))
            weight_map.update({name: shard for name in part})
        index = {"metadata": {"total_size": 1}, "weight_map": weight_map}
        (target.parent / "pytorch_model.bin.index.json").write_text(json.dumps(index))
    else:
        raise SystemExit("unknown form " + form)


def example():
    """A state dict of each type, a scalar, an empty tensor, a parameter, tied weights and views of one storage."""
    f32 = numpy.arange(24, dtype="<f4")
    shared = Storage("F32", f32.tobytes())
    tied = tensor("F32", numpy.array([[1, 2], [3, 4]], dtype="<f4").tobytes(), (2, 2))
    return {
        "whole": Tensor(shared, 0, (4, 6)), "view": Tensor(shared, 6, (2, 6)), "last": Tensor(shared, 23, ()),
        "column": Tensor(shared, 3, (1, 4), (6, 1)),
        "a.weight": tied, "b.weight": tied, "parameter": Parameter(tensor("F32", f32[:6].tobytes(), (2, 3))),
        "half": tensor("F16", numpy.array([1, -2.5], dtype="<f2").tobytes(), (2,)),
        "brain": tensor("BF16", struct.pack("<HH", 0x3F80, 0xC020), (2,)),
        "double": tensor("F64", numpy.array([0.1], dtype="<f8").tobytes(), (1,)),
        "long": tensor("I64", numpy.array([-1, 1 << 40], dtype="<i8").tobytes(), (2, 1)),
        "int": tensor("I32", numpy.array([7], dtype="<i4").tobytes(), ()),
        "short": tensor("I16", numpy.array([-300], dtype="<i2").tobytes(), (1,)),
        "char": tensor("I8", numpy.array([-3, 4], dtype="i1").tobytes(), (2,)),
        "byte": tensor("U8", bytes([200]), (1,)), "bool": tensor("BOOL", bytes([1, 0, 1]), (3,)),
        "empty": tensor("F32", b"", (0, 5)),
    }


def fixtures():
    state = example()
    for protocol in (2, 3, 4, 5):
        save_zip(HERE / ("zip-%d.bin" % protocol), state_dict(state), protocol=protocol)
        save_legacy(HERE / ("legacy-%d.bin" % protocol), state_dict(state), protocol=protocol)
    save_zip(HERE / "wrapped.pt", {"epoch": 3, "state_dict": state_dict(state), "note": b"\x00"}, protocol=4)
    truth = {}
    for name, t in state.items():
        t = t.tensor if isinstance(t, Parameter) else t
        truth[name] = {"type": t.storage.kind, "shape": t.shape, "hex": t.raw().hex()}
    (HERE / "state.json").write_text(json.dumps(truth, indent=1) + "\n")


if __name__ == "__main__":
    fake_torch()
    if sys.argv[1] == "fixtures":
        fixtures()
    elif sys.argv[1] == "rewrite":
        rewrite(*sys.argv[2:])
