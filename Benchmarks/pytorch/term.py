"""The ISDA term and the covariance update, forward and backward, in the published formulation."""
import torch

import isda


def case(count, class_count, feature_count, values=lambda name, shape: torch.randn(shape)):
    """What the term is computed of; TermInput in Term.swift is its twin, with the same labels."""
    state, labels = 1, []
    for _ in range(count):
        state = (1_103_515_245 * state + 12_345) % 2**31
        labels.append((state >> 16) % class_count)
    return (
        values("features", (count, feature_count)),
        values("weight", (class_count, feature_count)).requires_grad_(),
        values("logits", (count, class_count)).requires_grad_(),
        values("upstream", (count, class_count)),
        torch.tensor(labels),
    )


def published(options):
    count, class_count, feature_count = (int(extent) for extent in options.row.split("x"))
    features, weight, logits, upstream, labels = case(count, class_count, feature_count)
    estimator = isda.Published(class_count, feature_count)

    def step():
        estimator.update(features, labels)
        augmented = estimator.augmented(logits, weight, labels, 0.5)
        torch.autograd.grad((augmented * upstream).sum(), (logits, weight))

    return step


SIDES = {"published": published, "published-memory": published}
