"""Makes the zoo: tiny models and what Python's libraries compute for them. See README.md.

python testdata/zoo/make.py [--out testdata/zoo] [--broken testdata/broken] [--only NAME ...]
"""

import argparse
import os
import sys
import time
import warnings

if os.environ.get("PYTHONHASHSEED") != "0":  # the order of sets of strings shows in exported graphs
    os.execve(sys.executable, [sys.executable, *sys.argv], {**os.environ, "PYTHONHASHSEED": "0"})
os.environ.update(
    TOKENIZERS_PARALLELISM="false",
    HF_HUB_OFFLINE="1",
    TRANSFORMERS_VERBOSITY="error",
    TQDM_DISABLE="1",
    HF_HUB_DISABLE_PROGRESS_BARS="1",
    OMP_NUM_THREADS="1",
    ORT_DISABLE_TELEMETRY="1",
)
warnings.filterwarnings("ignore")

import torch  # noqa: E402  (after the environment is set)
import transformers  # noqa: E402

import bert  # noqa: E402
import broken  # noqa: E402
import broken_folders  # noqa: E402, F401  (registers its cases)
import broken_graphs  # noqa: E402, F401
import decoders  # noqa: E402
import encoders  # noqa: E402
import more_decoders  # noqa: E402
import more_encoders  # noqa: E402
import static  # noqa: E402
import twotowers  # noqa: E402
import variants  # noqa: E402
from folder import read_json, write_text  # noqa: E402

GROUPS = [bert, encoders, decoders, static, twotowers, variants, more_encoders, more_decoders]


def index(path: str, entries: dict[str, dict]) -> None:
    """Writes zoo.json: one line a model, sorted by name; models that were not made this time keep their line."""
    import json

    if os.path.exists(path):
        old = {e["name"]: e for e in read_json(path)["models"]}
        entries = {**old, **entries}
    rows = ",\n".join("  " + json.dumps(entries[name]) for name in sorted(entries))
    write_text(path, '{\n "models": [\n' + rows + "\n ]\n}\n")


def main() -> None:
    here = os.path.dirname(os.path.abspath(__file__))
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", default=here)
    parser.add_argument("--broken", help="where the broken models go (default: the folder broken next to --out)")
    parser.add_argument("--only", nargs="*", help="names of models")
    args = parser.parse_args()
    transformers.utils.logging.disable_progress_bar()
    torch.manual_seed(0)
    torch.set_num_threads(1)
    broken_out = args.broken or os.path.join(os.path.dirname(os.path.abspath(args.out)), "broken")
    makers = {name: make for group in GROUPS for name, make in group.MAKERS.items()}
    makers["broken"] = lambda out, name: broken.make(broken_out)
    unknown = set(args.only or []) - set(makers)
    if unknown:
        sys.exit(f"make.py: expected names out of {', '.join(makers)}; found {', '.join(sorted(unknown))}")
    entries = {}
    for name in args.only or makers:
        start = time.time()
        entry = makers[name](args.out, name)
        if entry:
            entries[name] = entry
        print(f"{name:32} {time.time() - start:5.1f} s", flush=True)
    index(os.path.join(args.out, "zoo.json"), entries)


if __name__ == "__main__":
    main()
