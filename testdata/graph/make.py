"""Writes tiny models of every family that models/graph builds, and PyTorch's last_hidden_state for them.

    python testdata/graph/make.py [name...]

needs torch, transformers and safetensors at the versions of testdata/zoo/requirements.txt. Everything is seeded; weights
of half precision are truth with float32 compute.
"""

import sys

import torch

import common
import decoders
import encoders
import towers


def main():
    wanted = set(sys.argv[1:])
    for make in (*encoders.MODELS, *decoders.MODELS, *towers.MODELS):
        if not wanted or make.__name__.replace("_", "-") in wanted:
            make()


if __name__ == "__main__":
    torch.manual_seed(0)
    torch.set_num_threads(1)
    assert common.HERE.name == "graph"
    main()
