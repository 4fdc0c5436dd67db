"""Makes statistics.json: what scipy, scikit-learn and numpy compute for small inputs.

    python testdata/statistics/make.py        (numpy, scipy 1.17, scikit-learn 1.9)
"""

import json
import pathlib

import numpy as np
from scipy import stats
from sklearn.metrics import roc_auc_score, roc_curve

rng = np.random.default_rng(13)
HERE = pathlib.Path(__file__).parent


def interval(k, n):
    found = stats.binomtest(k, n).proportion_ci(confidence_level=0.95, method="wilson")
    return {"k": k, "n": n, "low": found.low, "high": found.high}


def lists():
    for n, decimals in ((5, 3), (40, 1), (200, 2), (30, 0)):
        a = np.round(rng.normal(size=n), decimals)
        b = np.round(0.6 * a + rng.normal(size=n), decimals)
        yield {"a": a.tolist(), "b": b.tolist(), "spearman": stats.spearmanr(a, b).statistic}


def classes():
    for n, m, decimals in ((20, 30, 6), (50, 10, 1), (7, 7, 0)):
        positive = np.round(rng.normal(1, 1, n), decimals)
        negative = np.round(rng.normal(0, 1, m), decimals)
        labels, scores = np.r_[np.ones(n), np.zeros(m)], np.r_[positive, negative]
        false, true, _ = roc_curve(labels, scores, drop_intermediate=False)
        yield {
            "positive": positive.tolist(),
            "negative": negative.tolist(),
            "auc": roc_auc_score(labels, scores),
            "accuracy": float(np.max(true - false + 1) / 2),
        }


def accuracy(similar, a, p, o):
    d = np.array([similar(x, y) - similar(x, z) for x, y, z in zip(a, p, o)])
    return float(np.mean((d > 0) + 0.5 * (d == 0)))


def cosine(x, y):
    return float(x @ y / np.linalg.norm(x) / np.linalg.norm(y))


def int8(x):
    return np.rint(x * 127 / np.abs(x).max())


def triplets():
    """Vectors whose norms carry nothing but noise, so that cosine is the better metric."""
    n, dim = 160, 16
    anchor = 0.8 + rng.normal(size=(n, dim))  # a shared direction, by which dot takes long for near
    paraphrase = anchor + 1.1 * rng.normal(size=(n, dim))
    other = 0.8 + rng.normal(size=(n, dim))
    scale = np.exp(rng.normal(0, 1.0, size=(3, n, 1)))
    a, p, o = (np.float32(np.round(x, 3)).astype(float) for x in (3 * anchor * scale[0], paraphrase * scale[1], other * scale[2]))
    first = lambda k: lambda x, y: cosine(x[:k], y[:k])
    right = lambda s: np.array([s(x, y) > s(x, z) for x, y, z in zip(a, p, o)])
    dot, euclidean = lambda x, y: float(x @ y), lambda x, y: -float(np.linalg.norm(x - y))
    ours, theirs = right(cosine), right(dot)
    both = lambda s: [s(x, y) for x, y, z in zip(a, p, o) for y in (y, z)]
    sides = [cosine(a[i], a[(i + k) % n]) for i in range(n) for k in range(1, 9)]
    return {
        "anchor": a.round(3).tolist(), "paraphrase": p.round(3).tolist(), "other": o.round(3).tolist(),
        "cosine": accuracy(cosine, a, p, o), "dot": accuracy(dot, a, p, o), "euclidean": accuracy(euclidean, a, p, o),
        "p_dot": stats.binomtest(int((ours & ~theirs).sum()), int((ours ^ theirs).sum())).pvalue,
        "agreement_dot": stats.spearmanr(both(cosine), both(dot)).statistic,
        "half": accuracy(first(8), a, p, o), "quarter": accuracy(first(4), a, p, o), "eighth": accuracy(first(2), a, p, o),
        "int8": accuracy(lambda x, y: cosine(int8(x), int8(y)), a, p, o),
        "binary": accuracy(lambda x, y: float(((x > 0) == (y > 0)).sum()), a, p, o),
        "isotropy_mean": float(np.mean(sides)), "isotropy_std": float(np.std(sides)),
        "isotropy_p5": float(np.quantile(sides, 0.05)), "isotropy_p95": float(np.quantile(sides, 0.95)),
    }


(HERE / "statistics.json").write_text(
    json.dumps(
        {
            "wilson": [interval(k, n) for k, n in ((0, 1), (1, 1), (5, 10), (299, 302), (302, 302), (151, 302), (0, 40))],
            "sign": [
                {"a": a, "b": b, "p": stats.binomtest(a, a + b).pvalue}
                for a, b in ((1, 0), (3, 3), (10, 2), (2, 10), (160, 142), (300, 2), (2600, 2400))
            ],
            "lists": list(lists()),
            "classes": list(classes()),
            "triplets": triplets(),
        },
        separators=(",", ":"),
    )
    + "\n"
)
