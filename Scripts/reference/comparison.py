#!/usr/bin/env python3
"""Reference numbers for the statistics of a comparison, from scipy and statsmodels.

    python3 Scripts/reference/comparison.py > Tests/ComparisonTests/Fixtures/comparison.json

Every statistic is the library's own where it has one; calibration and the crossed bootstrap are written out image by
image. Bootstraps draw from the same stream of integers as the implementation (SplitMix64), handed to scipy as its
random generator, so that intervals can be compared digit by digit. Values that are averaged in bootstraps are multiples
of 1/64, so that sums are exact in any order. Needs numpy, scipy and statsmodels; made with 2.4.6, 1.17.1 and 0.15.0.
"""
import json
import math
import warnings
from pathlib import Path

import numpy as np
from scipy import optimize, special, stats
from statsmodels.formula.api import ols
from statsmodels.stats import contingency_tables, multitest, power, proportion, weightstats
from statsmodels.stats.anova import anova_lm

warnings.filterwarnings("ignore")
MASK = 2**64 - 1


class SplitMix64:
    def __init__(self, seed, purpose):
        hash = 0xCBF29CE484222325
        for byte in purpose.encode():
            hash = ((hash ^ byte) * 0x100000001B3) & MASK
        golden = 0x9E3779B97F4A7C15
        self.counter = self.scrambled(self.scrambled((seed + golden) & MASK) ^ hash)

    @staticmethod
    def scrambled(z):
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
        return z ^ (z >> 31)

    def next(self):
        self.counter = (self.counter + 0x9E3779B97F4A7C15) & MASK
        return self.scrambled(self.counter)

    def below(self, count):
        return (self.next() * count) >> 64


class Indices(np.random.Generator):
    """Indices drawn beforehand, in the order in which scipy asks for them: one matrix a sample."""

    def __new__(cls, matrices):
        self = super().__new__(cls, np.random.PCG64(0))
        return self

    def __init__(self, matrices):
        super().__init__(np.random.PCG64(0))
        self.matrices = list(matrices)

    def integers(self, low, high=None, size=None, **_):
        matrix = self.matrices.pop(0)
        assert matrix.shape == tuple(size)
        return matrix


def bootstrap(samples, statistic, resamples, seed, purpose):
    generator = SplitMix64(seed, purpose)
    drawn = [np.zeros((resamples, len(s)), dtype=int) for s in samples]
    for r in range(resamples):
        for sample, matrix in zip(samples, drawn):
            for i in range(len(sample)):
                matrix[r, i] = generator.below(len(sample))
    result = {"resamples": resamples, "seed": seed, "purpose": purpose}
    for method in ["percentile", "BCa"]:
        interval = stats.bootstrap(
            [np.array(s) for s in samples], statistic, n_resamples=resamples, method=method, rng=Indices(drawn),
            vectorized=True, axis=-1, confidence_level=0.95).confidence_interval
        result[method] = [float(interval.low), float(interval.high)]
    return result


def sign_flip(differences):
    """By enumeration; sums are exact, because all values are multiples of a power of two."""
    n = len(differences)
    observed = abs(sum(differences))
    reached = 0
    for start in range(0, 2**n, 2**16):
        patterns = np.arange(start, min(2**n, start + 2**16))
        signs = 1 - 2 * ((patterns[:, None] >> np.arange(n)) & 1)
        reached += int((abs(signs @ np.array(differences)) >= observed).sum())
    return reached / 2**n


def sign_flip_interval(differences):
    """The differences that the test at 5 % does not refute, by bisection on the p value of shifted differences."""
    n, d = len(differences), np.array(differences)
    if n < 6 or n > 16:
        return None
    patterns = 1 - 2 * ((np.arange(2**n)[:, None] >> np.arange(n)) & 1)

    def p(shift):
        x = d - shift
        return (abs(patterns @ x) >= abs(x.sum()) - 1e-12).mean()

    ends = []
    for far in [d.min() - 1, d.max() + 1]:
        outside, inside = far, d.mean()
        for _ in range(60):
            middle = (outside + inside) / 2
            if p(middle) <= 0.05:
                outside = middle
            else:
                inside = middle
        ends.append(float(inside))
    return ends


def wilcoxon(differences):
    present = [d for d in differences if d != 0]
    magnitudes = [abs(d) for d in present]
    if not present:
        return 1.0
    if len(set(magnitudes)) == len(magnitudes):
        return float(stats.wilcoxon(present, method="exact").pvalue)
    if len(present) <= 13:
        return float(stats.wilcoxon(present, method=stats.PermutationMethod(n_resamples=np.inf)).pvalue)
    # As scipy would permute them, pattern by pattern.
    ranks = stats.rankdata(magnitudes)
    positive = ranks[np.array(present) > 0].sum()
    patterns = np.arange(2 ** len(present))
    sums = np.zeros(len(patterns))
    for i, rank in enumerate(ranks):
        sums += rank * ((patterns >> i) & 1)
    return float(min(1, 2 * min((sums <= positive).mean(), (sums >= positive).mean())))


def detectable(nobs, paired, standard_error, level=0.05):
    """Difference found with power 0.8 at this level, two-sided."""
    df = nobs - 1 if paired else nobs
    critical = stats.t.ppf(1 - level / 2, df)
    f = lambda nc: stats.nct.sf(critical, df, nc) + stats.nct.cdf(-critical, df, nc) - 0.8
    return optimize.brentq(f, 0.1, 8, xtol=1e-14, rtol=1e-14) * standard_error


def interval(result, level):
    ci = result.confidence_interval(level)
    return [float(ci.low), float(ci.high)]


def paired_case(name, baseline, arm, tolerance, resamples=400):
    arm_, base_ = np.array(arm), np.array(baseline)
    differences = arm_ - base_
    n = len(differences)
    t = stats.ttest_rel(arm_, base_)
    welch = stats.ttest_ind(arm_, base_, equal_var=False)
    tost = weightstats.ttost_paired(arm_, base_, -tolerance, tolerance)
    detectable_ = detectable(n, True, differences.std(ddof=1) / math.sqrt(n))
    assert abs(power.TTestPower().power(detectable_ / differences.std(ddof=1), n, 0.05) - 0.8) < 1e-9
    needed = next((k for k in range(2, 10001) if power.TTestPower().power(
        min(tolerance / differences.std(ddof=1), 20 / math.sqrt(k)), k, 0.05) >= 0.8), None)
    u = stats.mannwhitneyu(base_, arm_).statistic
    less, more = sum(a < b for a in arm for b in baseline), sum(a > b for a in arm for b in baseline)
    return {
        "name": name, "baseline": baseline, "arm": arm, "tolerance": tolerance,
        "mean": float(arm_.mean()), "deviation": float(arm_.std(ddof=1)),
        "interquartileMean": float(stats.trim_mean(arm_, 0.25)),
        "difference": float(differences.mean()), "differenceDeviation": float(differences.std(ddof=1)),
        "signFlip": sign_flip(differences.tolist()), "wilcoxon": wilcoxon(differences.tolist()),
        "signFlipInterval": sign_flip_interval(differences.tolist()), "pairedT": float(t.pvalue), "interval95": interval(t, 0.95), "interval90": interval(t, 0.90),
        "tost": float(tost[0]), "welch": float(welch.pvalue), "welchInterval": interval(welch, 0.95),
        "welchFreedom": float(welch.df),
        "welchTOST": float(weightstats.ttost_ind(arm_, base_, -tolerance, tolerance, usevar="unequal")[0]),
        "probabilityOfImprovement": float(u / (n * n)), "cliffsDelta": (more - less) / (n * n),
        "pairedEffect": float(differences.mean() / differences.std(ddof=1)),
        "detectable": float(detectable_), "runsNeeded": needed,
        "meanBootstrap": bootstrap([differences.tolist()], np.mean, resamples, 7, name + "/difference"),
        "welchBootstrap": bootstrap(
            [arm, baseline], lambda a, b, axis: np.mean(a, axis=axis) - np.mean(b, axis=axis), resamples, 7,
            name + "/unpaired"),
    }


def sixtyfourths(values):
    return [round(v * 64) / 64 for v in values]


def paired_cases():
    rng = np.random.default_rng(5)
    cases = []
    for name, n, shift, scatter in [
        ("five", 5, -0.3, 0.2), ("six, all one way", 6, -2, 0.3), ("eight", 8, -0.3, 0.5), ("ten", 10, -0.1, 0.2),
        ("thirteen", 13, 0.2, 0.5), ("twenty", 20, 0.02, 0.1),
    ]:
        common = rng.normal(7, 0.3, n)
        baseline = sixtyfourths(common + rng.normal(0, scatter / 2, n))
        arm = sixtyfourths(common + shift + rng.normal(0, scatter, n))
        cases.append(paired_case(name, baseline, arm, 0.125))
    cases.append(paired_case(
        "ties and zeros", [7, 7.25, 6.5, 8, 7.5, 7, 6.75, 7.25], [6.5, 7.25, 7, 7.5, 7.25, 7, 7, 6.5], 0.25))
    baseline = sixtyfourths(rng.normal(7, 0.05, 16))
    cases.append(paired_case("sixteen with ties", baseline, [b - d / 64 for b, d in zip(
        baseline, [3, 3, -2, 5, 0, 1, 4, 4, -1, 2, 2, 7, -3, 0, 1, 6])], 0.125))
    return cases


def distributions():
    rows = []
    for df in [1, 2.5, 4, 9, 37.2, 1000]:
        for t in [-3, -0.1, 0, 0.7, 2.2, 12]:
            rows.append(["t tail", [t, df], float(stats.t.sf(t, df))])
        for p in [0.025, 0.5, 0.9, 0.975]:
            rows.append(["t quantile", [p, df], float(stats.t.ppf(p, df))])
        if df <= 40:
            for nc in [0, 0.5, 3, 8]:
                rows.append(["t power", [2.1, df, nc], float(
                    special.nctdtr(df, nc, -2.1) + stats.nct.sf(2.1, df, nc))])
    for z in [-8, -1.96, 0, 0.3, 5]:
        rows.append(["normal", [z], float(stats.norm.cdf(z))])
        rows.append(["normal two-sided", [z], float(2 * stats.norm.sf(abs(z)))])
    for p in [1e-9, 0.025, 0.5, 0.8]:
        rows.append(["normal quantile", [p], float(stats.norm.ppf(p))])
    for k, n in [(0, 5), (3, 17), (40, 100), (4900, 10000)]:
        rows.append(["binomial", [k, n, 0.5], float(stats.binom.cdf(k, n, 0.5))])
    for k, n in [(0, 5), (5, 5), (3, 17), (99, 100)]:
        low, high = proportion.proportion_confint(k, n, 0.05, method="beta")
        rows.append(["Clopper-Pearson", [k, n], [float(low), float(high)]])
    for f, a, b in [(0.5, 3, 20), (1, 9, 9 * 999), (4.2, 2, 7), (30, 4, 400)]:
        rows.append(["F", [f, a, b], float(stats.f.sf(f, a, b))])
    return [{"function": f, "arguments": a, "value": v if isinstance(v, list) else [v]} for f, a, v in rows]


def mcnemar_cases():
    cases = []
    for b, c in [(0, 0), (0, 1), (0, 6), (5, 5), (6, 5), (12, 30), (310, 262), (1200, 1000)]:
        p = contingency_tables.mcnemar([[100, b], [c, 50]], exact=True).pvalue
        cases.append({"onlyFirst": b, "onlySecond": c, "pValue": float(min(1, p))})
    return cases


def holm_cases():
    rng = np.random.default_rng(3)
    cases = []
    for p in [[0.03], [0.01, 0.04], [0.04, 0.01, 0.03, 0.005], [0.5, 0.5, 0.9], rng.uniform(0, 0.1, 18).tolist()]:
        cases.append({"pValues": p, "adjusted": multitest.multipletests(p, method="holm")[1].tolist()})
    return cases


BINS = 15


def binned(probability, hit, bins):
    n = len(probability)
    value = expected = 0
    for rows in bins:
        if len(rows):
            value += len(rows) / n * abs(hit[rows].mean() - probability[rows].mean())
            # The mean of |normal| with the variance of the bin's accuracy.
            deviation = math.sqrt((probability[rows] * (1 - probability[rows])).sum()) / len(rows)
            expected += len(rows) / n * stats.halfnorm.mean(scale=deviation) if deviation > 0 else 0
    return {"value": float(value), "expectedIfCalibrated": float(expected)}


def equal_width(probability):
    place = np.clip(np.ceil(probability * BINS).astype(int) - 1, 0, BINS - 1)
    return [np.flatnonzero(place == b) for b in range(BINS)]


def calibration(logits, labels, beta):
    z = logits * beta[:, None]
    log_p = special.log_softmax(z, axis=1)
    p = np.exp(log_p)
    n, classes = p.shape
    target = np.eye(classes)[labels]
    confidence, hit = p.max(axis=1), (p.argmax(axis=1) == labels).astype(float)
    mass = np.array_split(np.argsort(confidence, kind="stable"), BINS)
    per_class = [binned(p[:, c], target[:, c], equal_width(p[:, c])) for c in range(classes)]
    rows = equal_width(confidence)
    return {
        "negativeLogLikelihood": float(-log_p[np.arange(n), labels].mean()),
        "brier": float(((p - target) ** 2).sum(axis=1).mean()),
        "equalWidth": binned(confidence, hit, rows), "equalMass": binned(confidence, hit, mass),
        "classwise": {k: float(np.mean([c[k] for c in per_class])) for k in ["value", "expectedIfCalibrated"]},
        "reliabilityCounts": [len(r) for r in rows if len(r)],
        "reliabilityAccuracy": [float(hit[r].mean()) for r in rows if len(r)],
    }


def best_beta(logits, labels):
    z_y = logits[np.arange(len(labels)), labels]

    def slope(beta):
        return float(((special.softmax(beta * logits, axis=1) * logits).sum(axis=1) - z_y).sum())

    return optimize.brentq(slope, 1e-3, 1e3, xtol=1e-15, rtol=1e-14)


def calibration_cases():
    rng = np.random.default_rng(8)
    cases = []
    for n, classes, sharpness in [(200, 5, 2.5), (97, 3, 0.7)]:
        labels = rng.integers(0, classes, n)
        logits = rng.normal(0, 1, (n, classes)) + np.eye(classes)[labels]
        logits = (sharpness * logits).astype(np.float32).astype(np.float64)
        fold = np.zeros(n, dtype=int)
        for c in range(classes):
            rows = np.flatnonzero(labels == c)
            fold[rows] = np.arange(len(rows)) % 2
        # Images of fold 0 are scaled by what fold 1 says, and the other way round.
        betas = [best_beta(logits[fold == 1], labels[fold == 1]), best_beta(logits[fold == 0], labels[fold == 0])]
        cases.append({
            "logits": logits.ravel().tolist(), "labels": labels.tolist(), "classCount": classes,
            "asTrained": calibration(logits, labels, np.ones(n)),
            "scaled": calibration(logits, labels, np.array(betas)[fold]),
            "temperatures": [1 / b for b in betas],
        })
    return cases


def component_cases():
    import pandas
    rng = np.random.default_rng(11)
    cases = []
    for n, m, scale in [(4, 12, 1), (3, 20, 0.2)]:
        values = np.round(rng.normal(0, scale, (n, 1)) + rng.normal(0, 1, (1, m)) + rng.normal(0, 1, (n, m)), 2)
        frame = pandas.DataFrame(
            [{"x": values[s, i], "s": s, "i": i} for s in range(n) for i in range(m)])
        table = anova_lm(ols("x ~ C(s) + C(i)", frame).fit())
        mean_square = table["sum_sq"] / table["df"]
        seed_ms, image_ms, rest = mean_square["C(s)"], mean_square["C(i)"], mean_square["Residual"]
        seed, image = max(0, (seed_ms - rest) / m), max(0, (image_ms - rest) / n)
        finite = image / m + rest / (n * m)
        cases.append({
            "values": values.tolist(), "seed": seed, "image": image, "interaction": rest,
            "testSetShare": finite / (finite + seed / n),
            "testSetShareBetweenRuns": (rest / m) / (rest / m + seed), "seedPValue": float(table["PR(>F)"]["C(s)"]),
        })
    return cases


def crossed_cases():
    rng = np.random.default_rng(13)
    cases = []
    for paired, n, m in [(True, 3, 3), (False, 2, 4), (True, 1, 1)]:
        classes, images, resamples = 3, 40, 150
        labels = rng.integers(0, classes, images)
        arm = (rng.uniform(size=(n, images)) < 0.2).astype(int)
        baseline = (rng.uniform(size=(m, images)) < 0.3).astype(int)
        generator = SplitMix64(21, "crossed")
        overall, by_class = [], []
        for _ in range(resamples):
            mine = [generator.below(n) for _ in range(n)]
            other = mine if paired else [generator.below(m) for _ in range(m)]
            drawn = np.array([], dtype=int)
            row = []
            for c in range(classes):
                rows = np.flatnonzero(labels == c)
                chosen = rows[[generator.below(len(rows)) for _ in rows]]
                row.append(100 * (arm[np.ix_(mine, chosen)].mean() - baseline[np.ix_(other, chosen)].mean()))
                drawn = np.append(drawn, chosen)
            by_class.append(row)
            overall.append(100 * (arm[np.ix_(mine, drawn)].mean() - baseline[np.ix_(other, drawn)].mean()))
        ends = [2.5, 97.5]
        cases.append({
            "isPaired": paired, "labels": labels.tolist(), "arm": arm.tolist(), "baseline": baseline.tolist(),
            "classCount": classes, "resamples": resamples, "overall": np.percentile(overall, ends).tolist(),
            "classes": np.percentile(by_class, ends, axis=0).T.tolist(),
        })
    return cases


def published():
    path = Path(__file__).resolve().parents[2] / "docs/published-cifar.csv"
    rows = [line.split(",") for line in path.read_text().split("\n")[1:] if line]
    cells = []
    for name, *numbers in rows:
        b, sb, nb, a, sa, na = map(float, numbers)
        t = stats.ttest_ind_from_stats(a, sa, na, b, sb, nb, equal_var=False)
        va, vb = sa**2 / na, sb**2 / nb
        df = (va + vb) ** 2 / (va**2 / (na - 1) + vb**2 / (nb - 1))
        reach = stats.t.ppf(0.975, df) * math.sqrt(va + vb)
        cells.append({"name": name, "pValue": float(t.pvalue), "freedom": df, "interval": [a - b - reach, a - b + reach]})
    adjusted = multitest.multipletests([c["pValue"] for c in cells], method="holm")[1]
    for cell, p in zip(cells, adjusted):
        cell["adjusted"] = float(p)
    return cells


def cost_cases():
    """Ratios of times by the logarithms' t intervals; times in sixteenths of a second an epoch."""
    rng = np.random.default_rng(17)
    cases = []
    for paired, n, m in [(True, 6, 6), (False, 4, 7), (True, 1, 1)]:
        baseline = np.round(16 * rng.uniform(8, 12, m)) / 16
        arm = np.round(16 * (1.07 * baseline if paired else rng.uniform(9, 13, n)) + rng.integers(-2, 3, n)) / 16
        a, b = np.log(arm), np.log(baseline)
        ends = None
        if n > 1:
            test = stats.ttest_rel(a, b) if paired else stats.ttest_ind(a, b, equal_var=False)
            ends = np.exp(interval(test, 0.95)).tolist()
        cases.append({
            "isPaired": paired, "arm": arm.tolist(), "baseline": baseline.tolist(),
            "ratio": float(stats.gmean(arm) / stats.gmean(baseline)), "interval": ends,
        })
    return cases


def planned_cases():
    """Differences of pairs scatter by sqrt(2) times as much as runs; the sign-flip test cannot go below 2 / 2^n."""
    cases = []
    for pairs, comparisons, deviation in [(10, 3, 0.2), (20, 1, 0.4), (6, 1, 1.0), (6, 3, 1.0), (5, 1, 0.3), (1, 2, 0.3)]:
        smallest = 2.0 ** (1 - pairs)
        row = {"pairs": pairs, "comparisons": comparisons, "deviation": deviation, "smallestPValue": smallest,
               "fewestPairs": next(n for n in range(1, 64) if 2.0 ** (1 - n) <= 0.05 / comparisons)}
        for key, level in [("detectable", 0.05), ("detectableAfterHolm", 0.05 / comparisons)]:
            row[key] = None
            if pairs > 1 and smallest <= level:
                row[key] = float(detectable(pairs, True, math.sqrt(2 / pairs) * deviation, level))
                effect = row[key] / (math.sqrt(2) * deviation)
                assert abs(power.TTestPower().power(effect, pairs, level) - 0.8) < 1e-9
        cases.append(row)
    return cases


print(json.dumps({
    "distributions": distributions(), "paired": paired_cases(), "mcNemar": mcnemar_cases(), "holm": holm_cases(),
    "calibration": calibration_cases(), "components": component_cases(), "crossed": crossed_cases(),
    "published": published(), "cost": cost_cases(), "planned": planned_cases(),
}, indent=1))
