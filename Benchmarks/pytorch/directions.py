"""All that is measured of the directions of a set of features with numpy, scipy and scikit-learn.

The same quantities by the same methods as `directionSignificance`, each with the quickest call that was found: scikit-learn's
PCA for the directions of a class, `Generator.permuted` for noise, scipy's ARPACK for the largest eigenvalues of draws
and the leading ones of halves. Draws and halves are float32, moments and the bootstrap float64, as there.
"""
import numpy
from scipy.sparse.linalg import eigsh
from sklearn.decomposition import PCA

DIRECTIONS, LEVEL, RESAMPLES, SPLITS = 20, 0.02, 400, 20


def largest_share(x, scores, directions):
    """Of the trace: the largest eigenvalue of X Xt with two spaces projected out, on the shorter side."""
    x = x - scores @ (scores.T @ x)
    if len(directions):
        x -= (x @ directions.T) @ directions
    square = x @ x.T if len(x) < x.shape[1] else x.T @ x
    return eigsh(square, 1, tol=1e-4, return_eigenvectors=False)[0] / numpy.trace(square)


def noise_floor(random, centered, principal, values, total):
    """How many directions stand out."""
    count, needed = len(centered), round(1 / LEVEL) - 1
    accepted = 0
    while accepted < len(values):
        directions = principal[:accepted].astype(numpy.float32)
        along = centered @ directions.T
        one = numpy.full((count, 1), count ** -0.5, numpy.float32)
        scores = numpy.hstack([one, along / numpy.linalg.norm(along, axis=0)]) if accepted else one
        rest = centered - along @ directions if accepted else centered
        energy, bar = total - values[:accepted].sum(), 0
        for draw in range(2 * needed):
            if draw < needed:
                noise = random.permuted(rest, axis=0)
            else:
                noise = rest * (2 * random.integers(0, 2, rest.shape, dtype=numpy.int8) - 1)
            bar = max(bar, energy * largest_share(noise, scores, directions))
            if draw % 10 == 9 and bar >= values[accepted]:
                break
        passed = int((values[accepted:] > bar).sum())
        if not passed:
            break
        accepted += passed
    return accepted


def leading(x, count):
    x = x - x.mean(0)
    if len(x) < x.shape[1]:
        vectors = eigsh(x @ x.T, count, tol=1e-3)[1][:, ::-1].T @ x
        return vectors / numpy.linalg.norm(vectors, axis=1, keepdims=True)
    return eigsh(x.T @ x, count, tol=1e-3)[1][:, ::-1].T


def bootstrap(random, rows, scores):
    count, width = scores.shape
    weights = random.multinomial(count, numpy.full(count, 1 / count), RESAMPLES).astype(float)
    means = weights @ scores / count
    products = weights @ (scores[:, :, None] * scores[:, None]).reshape(count, -1) / count
    covariances = products.reshape(-1, width, width) - means[:, :, None] * means[:, None]
    values = numpy.linalg.eigvalsh(covariances)[:, ::-1]
    totals = weights @ (rows ** 2).sum(1) / count - ((weights @ rows / count) ** 2).sum(1)
    return numpy.log(values).std(0, ddof=1), numpy.log(values / totals[:, None]).std(0, ddof=1)


def measure(features, labels, class_count):
    results = []
    for index in range(class_count):
        random = numpy.random.default_rng(index)
        rows = features[labels == index].astype(float)
        count = len(rows)
        wide = min(DIRECTIONS * 3 // 2, count - 1, rows.shape[1])
        pca = PCA(wide, svd_solver="covariance_eigh" if count >= rows.shape[1] else "full").fit(rows)
        rows -= pca.mean_
        values = pca.explained_variance_ * (count - 1) / count
        total = (rows ** 2).sum() / count
        scores = rows @ pca.components_.T
        errors = bootstrap(random, rows, scores)
        centered = rows.astype(numpy.float32)
        found = noise_floor(random, centered, pca.components_[:DIRECTIONS], values[:DIRECTIONS], total)
        cosines = []
        for _ in range(SPLITS):
            order = random.permutation(count)
            cosines.append(leading(centered[order[:count // 2]], DIRECTIONS)
                           @ leading(centered[order[count // 2:]], DIRECTIONS).T)
        results.append((values, errors, found, numpy.abs(cosines).mean(0)))
    return results


def planted(count, class_count, feature_count):
    """Ten factors of falling strength through a random map for each class, and noise; classes in turns."""
    random = numpy.random.default_rng(0)
    labels = numpy.arange(count) % class_count
    features = random.standard_normal((count, feature_count), dtype=numpy.float32)
    strengths = 3 / (1 + numpy.arange(10, dtype=numpy.float32))
    for index in range(class_count):
        mapping = random.standard_normal((10, feature_count), dtype=numpy.float32)
        factors = random.standard_normal(((labels == index).sum(), 10), dtype=numpy.float32)
        features[labels == index] += (factors * strengths) @ mapping
    return features, labels


def scikit_learn(options):
    count, class_count, feature_count = (int(extent) for extent in options.row.split("x"))
    features, labels = planted(count, class_count, feature_count)
    return lambda: measure(features, labels, class_count)


SIDES = {"scikit-learn": scikit_learn}
