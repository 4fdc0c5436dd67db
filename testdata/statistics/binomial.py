"""Makes binomial.json: scipy's exact binomial intervals and tails.

    python testdata/statistics/binomial.py        (scipy 1.17)
"""

import json
import pathlib

from scipy import stats

CASES = [(0, 1), (1, 1), (0, 16), (1, 16), (4, 16), (9, 16), (16, 16), (7, 32), (31, 32), (500, 1000)]


def case(k, n, chance):
    exact = stats.binomtest(k, n).proportion_ci(confidence_level=0.95, method="exact")
    p = stats.binomtest(k, n, chance, alternative="greater").pvalue
    return {"k": k, "n": n, "low": exact.low, "high": exact.high, "chance": chance, "p": p}


cases = [case(k, n, chance) for k, n in CASES for chance in (1 / 16, 0.25, 0.5)]
(pathlib.Path(__file__).parent / "binomial.json").write_text(json.dumps(cases, indent=1) + "\n")
