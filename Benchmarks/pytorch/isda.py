"""ISDA in PyTorch: as it is published, sample by sample, and once for each class as a careful user would.

All is written for this project from the formulas of Wang et al., NeurIPS 2019. `Published` does the work and holds
the temporaries of the published formulation, N*C*A, N*A^2 and N*C^2 numbers, `PublishedDiagonal` those of its form
with variances alone; `PerClass` computes the numbers of the first from what depends on the class alone. `check.py`
holds them to each other and to the package.
"""
import torch


class Published:
    """The covariance estimator and the loss term in the published formulation."""

    def __init__(self, class_count, feature_count, dtype=torch.float32):
        self.counts = torch.zeros(class_count, dtype=dtype)
        self.means = torch.zeros(class_count, feature_count, dtype=dtype)
        self.covariances = torch.zeros(class_count, feature_count, feature_count, dtype=dtype)

    def update(self, features, labels):
        """Every class takes part, present or not, through products with a one-hot mask over N x C x A."""
        features = features.detach()
        (n, a), c = features.shape, len(self.counts)
        one_hot = torch.zeros(n, c, dtype=self.counts.dtype).scatter_(1, labels[:, None], 1)
        mask = one_hot[:, :, None].expand(n, c, a)
        by_class = features[:, None, :].expand(n, c, a) * mask
        amount = one_hot.sum(0)
        divisor = amount.clamp(min=1)
        means = by_class.sum(0) / divisor[:, None]
        centered = (by_class - means.expand(n, c, a) * mask).permute(1, 2, 0)
        covariances = torch.bmm(centered, centered.permute(0, 2, 1)) / divisor[:, None, None]

        share = amount / (amount + self.counts)
        share[share != share] = 0  # 0/0: neither seen before nor in the batch
        wide = share[:, None, None].expand(c, a, a)
        shift = (self.means - means)[:, :, None]
        between = wide * (1 - wide) * torch.bmm(shift, shift.permute(0, 2, 1))
        self.covariances = self.covariances * (1 - wide) + covariances * wide + between
        self.means = self.means * (1 - share[:, None]) + means * share[:, None]
        self.counts = self.counts + amount

    def augmented(self, logits, weight, labels, strength):
        """z + strength/2 diag(D S D^T) with D = w_j - w_y expanded to N x C x A and S = Sigma[y], N x A x A."""
        n, (c, a) = len(labels), weight.shape
        all_rows = weight.expand(n, c, a)
        own_row = torch.gather(all_rows, 1, labels[:, None, None].expand(n, c, a))
        difference = all_rows - own_row
        products = torch.bmm(torch.bmm(difference, self.covariances[labels]), difference.permute(0, 2, 1))
        return logits + 0.5 * strength * products.diagonal(dim1=1, dim2=2)


class PublishedDiagonal:
    """Variances alone, as published for ImageNet: N x C x A temporaries in place of N x A^2 and N x C^2."""

    def __init__(self, class_count, feature_count, dtype=torch.float32):
        self.counts = torch.zeros(class_count, dtype=dtype)
        self.means = torch.zeros(class_count, feature_count, dtype=dtype)
        self.variances = torch.zeros(class_count, feature_count, dtype=dtype)

    def update(self, features, labels):
        features = features.detach()
        one_hot = torch.zeros(len(labels), len(self.counts), dtype=self.counts.dtype)
        one_hot.scatter_(1, labels[:, None], 1)
        amount = one_hot.sum(0)
        divisor = amount.clamp(min=1)[:, None]
        means = (features[:, None] * one_hot[:, :, None]).sum(0) / divisor
        variances = ((features[:, None] - means) ** 2 * one_hot[:, :, None]).sum(0) / divisor
        share = (amount / (amount + self.counts).clamp(min=1))[:, None]
        self.variances = (self.variances * (1 - share) + variances * share
                          + share * (1 - share) * (self.means - means) ** 2)
        self.means = self.means * (1 - share) + means * share
        self.counts = self.counts + amount

    def augmented(self, logits, weight, labels, strength):
        """z + strength/2 sum_k (w_j - w_y)_k^2 v_yk."""
        difference = weight - weight[labels][:, None]
        return logits + 0.5 * strength * (difference ** 2 * self.variances[labels][:, None]).sum(2)


class PerClass:
    """The same numbers with one product for each class that is present, and updates in place."""

    def __init__(self, class_count, feature_count):
        self.counts = [0] * class_count
        self.means = torch.zeros(class_count, feature_count)
        self.covariances = torch.zeros(class_count, feature_count, feature_count)

    @torch.no_grad()
    def update(self, features, labels):
        amounts = torch.bincount(labels, minlength=len(self.counts)).tolist()
        groups = features.detach()[labels.argsort()].split(amounts)
        for c, rows in enumerate(groups):
            if not len(rows):
                continue
            seen = self.counts[c] + len(rows)
            share = len(rows) / seen
            mean = rows.mean(0)
            centered, shift = rows - mean, self.means[c] - mean
            self.covariances[c].addmm_(centered.T, centered, beta=1 - share, alpha=share / len(rows))
            self.covariances[c].addr_(shift, shift, alpha=share * (1 - share))
            self.means[c].sub_(shift, alpha=share)
            self.counts[c] = seen

    def augmented(self, logits, weight, labels, strength):
        present, place = labels.unique(return_inverse=True)
        difference = weight - weight[present][:, None]
        quadratic = (torch.bmm(difference, self.covariances[present]) * difference).sum(2)
        return logits + 0.5 * strength * quadratic[place]
