"""Features and logits of a whole set in PyTorch.

usual        NCHW, float32, a DataLoader with two workers, eval() and no_grad()
best-…       channels-last, inference_mode, batches cut from one tensor, of the size that was quickest (ResNet-20, one
             thread of an AMD EPYC: a fifth less than with 500); in float32, and in bfloat16, which changes the
             features in their third digit
compiled-…   the same under torch.compile, frozen, so that it folds BatchNorm into the convolutions by itself
"""
import functools

import torch

import images
import networks

CLASSES = 10
USUAL_BATCH, BEST_BATCH = 128, {"float32": 50, "bfloat16": 125}


def noise(options):
    """Large images have fifty times the pixels; Extract.swift has the same number of them."""
    size = networks.image_size(options.row)
    return images.noise(options.images if size == 32 else options.images // 50, CLASSES, size)


def usual(options):
    data = images.PerImage(*noise(options), augment=False)
    network = networks.network(options.row, CLASSES).eval()
    loader = torch.utils.data.DataLoader(data, USUAL_BATCH, num_workers=2)

    def extract():
        features, logits = [], []
        with torch.no_grad():
            for inputs, _ in loader:
                features.append(networks.features(network, inputs))
                logits.append(networks.classifier(network)(features[-1]))
        return torch.cat(features), torch.cat(logits)

    return extract


def fast(options, precision, compiled):
    data = images.WholeBatches(*noise(options))
    network = networks.network(options.row, CLASSES, in_place=not compiled)
    network = network.to(memory_format=torch.channels_last).eval()
    linear = networks.classifier(network)
    if compiled:
        from torch._inductor import config
        config.freezing = True
    forward = functools.partial(networks.features, network)
    if compiled:
        forward = torch.compile(forward)

    @torch.inference_mode()
    def extract():
        features, logits = [], []
        for rows in torch.arange(len(data.labels)).split(BEST_BATCH[precision]):
            with torch.autocast("cpu", torch.bfloat16, enabled=precision == "bfloat16"):
                part = forward(data.plain(rows)[0])
            features.append(part.float())
            logits.append(linear(features[-1]))
        return torch.cat(features), torch.cat(logits)

    return extract


SIDES = {"usual": usual} | {
    f"{name}-{precision}": lambda options, precision=precision, compiled=compiled: fast(options, precision, compiled)
    for precision in ("float32", "bfloat16") for name, compiled in (("best", False), ("compiled", True))
}
