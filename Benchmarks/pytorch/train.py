"""Training a network with ISDA in PyTorch, three times.

usual     what scripts for CIFAR look like: NCHW, float32, a DataLoader with two workers and transforms image by
          image, SGD as it comes, the published ISDA loss, the loss read every step
best      eager at its best: channels-last, bfloat16 where the processor has it, augmentation of whole batches on
          tensors, fused SGD, ISDA once for each class, nothing read inside the loop
compiled  the same with the network under torch.compile
"""
import functools
import itertools
import time

import torch
from torch.nn import functional as F

import images
import isda
import networks

CLASSES, STRENGTH = 10, 0.25


def optimizer(network, **options):
    return torch.optim.SGD(network.parameters(), lr=0.01, momentum=0.9, nesterov=True, weight_decay=5e-4, **options)


def noise(options):
    """Ten batches."""
    return images.noise(10 * networks.batch(options.row), CLASSES, networks.image_size(options.row))


def usual(options):
    batch_size = networks.batch(options.row)
    data = images.PerImage(*noise(options), augment=True)
    network = networks.network(options.row, CLASSES).train()
    linear = networks.classifier(network)
    criterion = isda.Published(CLASSES, linear.in_features)
    sgd = optimizer(network)

    def step(batch):
        inputs, labels = batch
        features = networks.features(network, inputs)
        logits = linear(features)
        criterion.update(features, labels)
        loss = F.cross_entropy(criterion.augmented(logits, linear.weight, labels, STRENGTH), labels)
        sgd.zero_grad()
        loss.backward()
        sgd.step()
        return loss.item()

    def timed(count):
        # A pass as long as needed. The first two steps fill the loader's queue and are not counted, and the queue is
        # full again at the end, so what is loaded while the clock runs is what is used. Leaving ends the workers.
        sampler = torch.utils.data.RandomSampler(data, replacement=True, num_samples=batch_size * (count + 8))
        batches = iter(torch.utils.data.DataLoader(data, batch_size, sampler=sampler, num_workers=2))
        for batch in itertools.islice(batches, 2):
            step(batch)
        start = time.perf_counter()
        for batch in itertools.islice(batches, count):
            step(batch)
        return time.perf_counter() - start

    return timed


def fast(options, compiled):
    data = images.WholeBatches(*noise(options))
    network = networks.network(options.row, CLASSES, in_place=not compiled)
    network = network.to(memory_format=torch.channels_last).train()
    linear = networks.classifier(network)
    estimator = isda.PerClass(CLASSES, linear.in_features)
    sgd = optimizer(network, fused=True)
    extract = functools.partial(networks.features, network)
    if compiled:
        extract = torch.compile(extract)
    batches = itertools.chain.from_iterable(data.shuffled(networks.batch(options.row)) for _ in itertools.count())
    total = torch.zeros(())

    def step():
        inputs, labels = next(batches)
        with torch.autocast("cpu", torch.bfloat16, enabled=options.precision == "bfloat16"):
            features = extract(inputs)
        features = features.float()
        logits = linear(features)
        estimator.update(features, labels)
        loss = F.cross_entropy(estimator.augmented(logits, linear.weight, labels, STRENGTH), labels)
        loss.backward()
        sgd.step()
        # Not kept from step to step, so that the memory of a step is all that it adds.
        sgd.zero_grad(set_to_none=True)
        total.add_(loss.detach())

    return step


SIDES = {
    "usual": usual,
    "best": lambda options: fast(options, compiled=False),
    "compiled": lambda options: fast(options, compiled=True),
    "best-memory": lambda options: fast(options, compiled=False),
}
