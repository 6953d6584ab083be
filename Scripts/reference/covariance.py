#!/usr/bin/env python3
"""Reference numbers for covariance estimators, from scikit-learn.

    python3 Scripts/reference/covariance.py > Tests/ClassStatisticsTests/Fixtures/covariance.json

Needs numpy and scikit-learn; made with numpy 2.4 and scikit-learn 1.9.
"""
import json
import numpy
import sklearn
from sklearn.covariance import empirical_covariance, ledoit_wolf

generator = numpy.random.default_rng(2004)


def case(name, rows):
    shrunk, shrinkage = ledoit_wolf(rows)
    return {
        "name": name, "count": rows.shape[0], "width": rows.shape[1], "rows": rows.flatten().tolist(),
        "biased": empirical_covariance(rows).flatten().tolist(),
        "unbiased": numpy.cov(rows, rowvar=False).reshape(rows.shape[1], -1).flatten().tolist(),
        "shrunk": shrunk.flatten().tolist(), "shrinkage": float(shrinkage),
    }


few = generator.standard_normal((6, 12)) * numpy.linspace(0.2, 3, 12) + 5
many = generator.standard_normal((80, 5)) @ generator.standard_normal((5, 5))
print(json.dumps([
    case("more dimensions than rows", few), case("many rows", many),
    case("no structure, so that all is shrunk", generator.standard_normal((20, 8))),
]))
