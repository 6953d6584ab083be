"""Training a ResNet with ISDA in PyTorch, three times.

usual     what scripts for CIFAR look like: NCHW, float32, a DataLoader with two workers and transforms image by
          image, SGD as it comes, the published ISDA loss, the loss read every step
best      eager at its best: channels-last, bfloat16 where the processor has it, augmentation of whole batches on
          tensors, fused SGD, ISDA once for each class, nothing read inside the loop
compiled  the same with the network under torch.compile
"""
import itertools
import time

import torch
from torch.nn import functional as F

import images
import isda
from networks import resnet

BATCH, COUNT, CLASSES, STRENGTH = 128, 1280, 10, 0.25


def optimizer(network, **options):
    return torch.optim.SGD(network.parameters(), lr=0.01, momentum=0.9, nesterov=True, weight_decay=5e-4, **options)


def usual(options):
    data = images.PerImage(*images.noise(COUNT, CLASSES), augment=True)
    network = resnet(options.row, CLASSES).train()
    criterion = isda.Published(CLASSES, network.linear.in_features)
    sgd = optimizer(network)

    def step(batch):
        inputs, labels = batch
        features = network.features(inputs)
        logits = network.linear(features)
        criterion.update(features, labels)
        loss = F.cross_entropy(criterion.augmented(logits, network.linear.weight, labels, STRENGTH), labels)
        sgd.zero_grad()
        loss.backward()
        sgd.step()
        return loss.item()

    def timed(count):
        # A pass as long as needed. The first two steps fill the loader's queue and are not counted, and the queue is
        # full again at the end, so what is loaded while the clock runs is what is used. Leaving ends the workers.
        sampler = torch.utils.data.RandomSampler(data, replacement=True, num_samples=BATCH * (count + 8))
        batches = iter(torch.utils.data.DataLoader(data, BATCH, sampler=sampler, num_workers=2))
        for batch in itertools.islice(batches, 2):
            step(batch)
        start = time.perf_counter()
        for batch in itertools.islice(batches, count):
            step(batch)
        return time.perf_counter() - start

    return timed


def fast(options, compiled):
    data = images.WholeBatches(*images.noise(COUNT, CLASSES))
    network = resnet(options.row, CLASSES, in_place=not compiled).to(memory_format=torch.channels_last).train()
    estimator = isda.PerClass(CLASSES, network.linear.in_features)
    sgd = optimizer(network, fused=True)
    extract = torch.compile(network.features) if compiled else network.features
    batches = itertools.chain.from_iterable(data.shuffled(BATCH) for _ in itertools.count())
    total = torch.zeros(())

    def step():
        inputs, labels = next(batches)
        with torch.autocast("cpu", torch.bfloat16, enabled=options.precision == "bfloat16"):
            features = extract(inputs)
        features = features.float()
        logits = network.linear(features)
        estimator.update(features, labels)
        loss = F.cross_entropy(estimator.augmented(logits, network.linear.weight, labels, STRENGTH), labels)
        sgd.zero_grad(set_to_none=True)
        loss.backward()
        sgd.step()
        total.add_(loss.detach())

    return step


SIDES = {
    "usual": usual,
    "best": lambda options: fast(options, compiled=False),
    "compiled": lambda options: fast(options, compiled=True),
}
