"""Features and logits of a whole set in PyTorch.

usual        NCHW, float32, a DataLoader with two workers, eval() and no_grad()
best-…       channels-last, inference_mode, batches cut from one tensor, of the size that was quickest (ResNet-20, one
             thread of an AMD EPYC: a fifth less than with 500); in float32, and in bfloat16, which changes the
             features in their third digit
compiled-…   the same under torch.compile, frozen, so that it folds BatchNorm into the convolutions by itself
"""
import torch

import images
from networks import resnet

CLASSES = 10
USUAL_BATCH, BEST_BATCH = 128, {"float32": 50, "bfloat16": 125}


def usual(options):
    data = images.PerImage(*images.noise(options.images, CLASSES), augment=False)
    network = resnet(options.row, CLASSES).eval()
    loader = torch.utils.data.DataLoader(data, USUAL_BATCH, num_workers=2)

    def extract():
        features, logits = [], []
        with torch.no_grad():
            for inputs, _ in loader:
                features.append(network.features(inputs))
                logits.append(network.linear(features[-1]))
        return torch.cat(features), torch.cat(logits)

    return extract


def fast(options, precision, compiled):
    data = images.WholeBatches(*images.noise(options.images, CLASSES))
    network = resnet(options.row, CLASSES, in_place=not compiled).to(memory_format=torch.channels_last).eval()
    if compiled:
        from torch._inductor import config
        config.freezing = True
    forward = torch.compile(network.features) if compiled else network.features

    @torch.inference_mode()
    def extract():
        features, logits = [], []
        for rows in torch.arange(options.images).split(BEST_BATCH[precision]):
            with torch.autocast("cpu", torch.bfloat16, enabled=precision == "bfloat16"):
                part = forward(data.plain(rows)[0])
            features.append(part.float())
            logits.append(network.linear(features[-1]))
        return torch.cat(features), torch.cat(logits)

    return extract


SIDES = {"usual": usual} | {
    f"{name}-{precision}": lambda options, precision=precision, compiled=compiled: fast(options, precision, compiled)
    for precision in ("float32", "bfloat16") for name, compiled in (("best", False), ("compiled", True))
}
