"""The twin of a training that `isda-bench curves` or `isda-bench steps` left in a folder: the same network, the same
batches and draws, and the published form of ISDA.
"""
import json

import torch
from safetensors.torch import load_file
from torch.nn import functional as F

import isda
from networks import twins
from wide_resnet import Block


class Twin:
    """`dtype` is that of all numbers; with `bfloat16` the network computes in that under autocast."""

    def __init__(self, folder, dtype=torch.float32, bfloat16=False, layout=torch.contiguous_format):
        self.folder, self.dtype, self.bfloat16, self.layout = folder, dtype, bfloat16, layout
        self.settings = settings = json.loads((folder / "settings.json").read_text())
        self.network = twins.build(settings["network"], settings["classes"]).train()
        self.network.load_state_dict(load_file(folder / "weights.safetensors"))
        self.network = self.network.to(dtype).to(memory_format=layout)
        self.linear = twins.classifier(self.network)
        form = {"full": isda.Published, "diagonal": isda.PublishedDiagonal}[settings["covariance"]]
        self.criterion = form(settings["classes"], self.linear.in_features, dtype)
        self.sgd = torch.optim.SGD(self.network.parameters(), lr=1, momentum=settings["momentum"],
                                   nesterov=settings["nesterov"], weight_decay=settings["weightDecay"])

    def step(self, number):
        """One step of training; returns its loss."""
        arrays = load_file(self.folder / f"step-{number}.safetensors")
        for name, module in self.network.named_modules():
            if isinstance(module, twins.ShakeBlock):
                module.weights = arrays[f"shake/{name}"].to(self.dtype)
            if isinstance(module, Block) and module.dropout > 0:
                module.keep = arrays[f"dropout/{name}"].permute(0, 3, 1, 2).to(self.dtype)
        images = arrays["images"].to(self.dtype).contiguous(memory_format=self.layout)
        with torch.autocast("cpu", torch.bfloat16, enabled=self.bfloat16):
            features = twins.features(self.network, images)
        features, labels = features.to(self.dtype), arrays["labels"]
        self.criterion.update(features, labels)
        augmented = self.criterion.augmented(
            self.linear(features), self.linear.weight, labels, self.settings["lambdas"][number])
        loss = F.cross_entropy(augmented, labels)
        self.sgd.zero_grad()
        loss.backward()
        self.sgd.param_groups[0]["lr"] = self.settings["learningRates"][number]
        self.sgd.step()
        return loss.item()

    @torch.no_grad()
    def parameters(self):
        """All of them one after the other, in float64."""
        return torch.cat([parameter.flatten().double() for parameter in self.network.parameters()])
