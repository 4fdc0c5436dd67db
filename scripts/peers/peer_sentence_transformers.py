"""The shortest useful sentence-transformers program: load a folder, embed one text, print the vector.

    python peer_sentence_transformers.py FOLDER TEXT
"""

import json
import sys

from sentence_transformers import SentenceTransformer

model = SentenceTransformer(sys.argv[1], device="cpu", local_files_only=True)
print(json.dumps({"embedding": model.encode([sys.argv[2]], show_progress_bar=False)[0].tolist()}))
