"""The networks of Sources/Networks in PyTorch, written from the papers, under the same names: twins to compare numbers
and speed with. ResNet and WideResNet are in resnet.py and wide_resnet.py. Needs torch.

    python3 Scripts/reference/twins.py

prints the numbers of parameters, and, where torchvision is installed, whether its networks have the same names, shapes
and outputs.
"""
import os
import sys
from collections import OrderedDict

import torch
from torch import nn
from torch.nn import functional as F

sys.path.append(os.path.dirname(os.path.abspath(__file__)))
from resnet import ResNet
from wide_resnet import WideResNet


def convolution(inputs, outputs, size, stride=1, groups=1):
    return nn.Conv2d(inputs, outputs, size, stride, size // 2, groups=groups, bias=False)


class SqueezeExcitation(nn.Module):
    """Hu et al. 2018, equations 2 to 4, r = 16, without biases."""

    def __init__(self, channels):
        super().__init__()
        self.fc = nn.Sequential(nn.Linear(channels, channels // 16, bias=False), nn.ReLU(),
                                nn.Linear(channels // 16, channels, bias=False), nn.Sigmoid())

    def forward(self, x):
        return x * self.fc(x.mean((2, 3)))[:, :, None, None]


class SEBlock(nn.Module):
    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.conv1, self.bn1 = convolution(inputs, outputs, 3, stride), nn.BatchNorm2d(outputs)
        self.conv2, self.bn2 = convolution(outputs, outputs, 3), nn.BatchNorm2d(outputs)
        self.se = SqueezeExcitation(outputs)
        self.stride, self.extra = stride, outputs - inputs

    def forward(self, x):
        y = self.se(self.bn2(self.conv2(F.relu(self.bn1(self.conv1(x))))))
        if self.stride > 1:
            before = self.extra // 2
            x = F.pad(x[:, :, :: self.stride, :: self.stride], (0, 0, 0, 0, before, self.extra - before))
        return F.relu(y + x)


class SEResNet(ResNet):
    """Hu et al. 2018 on the residual networks of He et al. 2016, section 4.2."""

    def __init__(self, depth, classes):
        super().__init__(depth, classes, SEBlock)


class ResidualBlock(nn.Module):
    """He et al. 2016 with projections (option B); bottlenecks in groups as in Xie et al. 2017."""

    def __init__(self, inputs, outputs, stride, width=None, groups=1):
        super().__init__()
        shapes = ([(inputs, outputs, 3, stride), (outputs, outputs, 3)] if width is None else
                  [(inputs, width, 1), (width, width, 3, stride, groups), (width, outputs, 1)])
        self.count = len(shapes)
        for number, shape in enumerate(shapes, start=1):
            setattr(self, f"conv{number}", convolution(*shape))
            setattr(self, f"bn{number}", nn.BatchNorm2d(shape[1]))
        self.downsample = None
        if stride > 1 or inputs != outputs:
            self.downsample = nn.Sequential(convolution(inputs, outputs, 1, stride), nn.BatchNorm2d(outputs))

    def forward(self, x):
        y = x
        for number in range(1, self.count + 1):
            y = getattr(self, f"bn{number}")(getattr(self, f"conv{number}")(y))
            if number < self.count:
                y = F.relu(y)
        return F.relu(y + (x if self.downsample is None else self.downsample(x)))


class ResNeXt29(nn.Module):
    """Xie et al. 2017, section 5.3."""

    def __init__(self, blocks, cardinality, group_width, classes):
        super().__init__()
        self.conv1, self.bn1 = convolution(3, 64, 3), nn.BatchNorm2d(64)
        inputs = 64
        for stage, outputs in enumerate((256, 512, 1024)):
            layers = []
            for index in range(blocks):
                layers.append(ResidualBlock(inputs, outputs, 2 if stage > 0 and index == 0 else 1,
                                            cardinality * group_width * 2**stage, cardinality))
                inputs = outputs
            setattr(self, f"layer{stage + 1}", nn.Sequential(*layers))
        self.fc = nn.Linear(1024, classes)

    def features(self, x):
        x = F.relu(self.bn1(self.conv1(x)))
        return self.layer3(self.layer2(self.layer1(x))).mean((2, 3))


class ImageNetResNet(nn.Module):
    """He et al. 2016, table 1, and Xie et al. 2017, table 1. Names and strides as torchvision has them."""

    def __init__(self, blocks, classes, groups=None, group_width=64):
        super().__init__()
        self.conv1, self.bn1 = convolution(3, 64, 7, 2), nn.BatchNorm2d(64)
        inputs = 64
        for stage, count in enumerate(blocks):
            layers = []
            for index in range(count):
                stride = 2 if stage > 0 and index == 0 else 1
                outputs = 64 * 2**stage * (1 if groups is None else 4)
                width = None if groups is None else groups * group_width * 2**stage
                layers.append(ResidualBlock(inputs, outputs, stride, width, groups or 1))
                inputs = outputs
            setattr(self, f"layer{stage + 1}", nn.Sequential(*layers))
        self.fc = nn.Linear(inputs, classes)

    def features(self, x):
        x = F.max_pool2d(F.relu(self.bn1(self.conv1(x))), 3, 2, 1)
        return self.layer4(self.layer3(self.layer2(self.layer1(x)))).mean((2, 3))


class DenseLayer(nn.Module):
    def __init__(self, inputs, growth):
        super().__init__()
        self.norm1, self.conv1 = nn.BatchNorm2d(inputs), convolution(inputs, 4 * growth, 1)
        self.norm2, self.conv2 = nn.BatchNorm2d(4 * growth), convolution(4 * growth, growth, 3)

    def forward(self, x):
        y = self.conv2(F.relu(self.norm2(self.conv1(F.relu(self.norm1(x))))))
        return torch.cat((x, y), 1)


class DenseNet(nn.Module):
    """Huang et al. 2017, DenseNet-BC with compression 1/2: three blocks for 32x32 images, four for 224x224. Names as
    torchvision has them."""

    def __init__(self, growth, blocks, classes):
        super().__init__()
        channels = 2 * growth
        large = len(blocks) == 4
        layers = {"conv0": convolution(3, channels, 7, 2) if large else convolution(3, channels, 3)}
        if large:
            layers |= {"norm0": nn.BatchNorm2d(channels), "relu0": nn.ReLU(), "pool0": nn.MaxPool2d(3, 2, 1)}
        for index, count in enumerate(blocks, start=1):
            block = nn.Sequential()
            for layer in range(count):
                block.add_module(f"denselayer{layer + 1}", DenseLayer(channels, growth))
                channels += growth
            layers[f"denseblock{index}"] = block
            if index < len(blocks):
                layers[f"transition{index}"] = transition = nn.Sequential()
                transition.add_module("norm", nn.BatchNorm2d(channels))
                transition.add_module("relu", nn.ReLU())
                transition.add_module("conv", convolution(channels, channels // 2, 1))
                transition.add_module("pool", nn.AvgPool2d(2))
                channels //= 2
        layers["norm5"] = nn.BatchNorm2d(channels)
        self.features = nn.Sequential(OrderedDict(layers))
        self.classifier = nn.Linear(channels, classes)


class Shake(torch.autograd.Function):
    """Gastaldi 2017: other weights on the way back."""

    @staticmethod
    def forward(context, first, second, alpha, beta):
        context.save_for_backward(beta)
        return alpha * first + (1 - alpha) * second

    @staticmethod
    def backward(context, slope):
        beta, = context.saved_tensors
        return beta * slope, (1 - beta) * slope, None, None


class ShakeBranch(nn.Module):
    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.conv1, self.bn1 = convolution(inputs, outputs, 3, stride), nn.BatchNorm2d(outputs)
        self.conv2, self.bn2 = convolution(outputs, outputs, 3), nn.BatchNorm2d(outputs)

    def forward(self, x):
        return self.bn2(self.conv2(F.relu(self.bn1(self.conv1(F.relu(x))))))


class ShakeShortcut(nn.Module):
    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.conv1, self.conv2 = convolution(inputs, outputs // 2, 1), convolution(inputs, outputs // 2, 1)
        self.bn, self.stride = nn.BatchNorm2d(outputs), stride

    def forward(self, x):
        x = F.relu(x)
        shifted = F.pad(x, (1, -1, 1, -1))  # one pixel right and one down
        return self.bn(torch.cat([convolution(F.avg_pool2d(part, 1, self.stride)) for part, convolution in
                                  ((x, self.conv1), (shifted, self.conv2))], 1))


class ShakeBlock(nn.Module):
    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.branch1, self.branch2 = ShakeBranch(inputs, outputs, stride), ShakeBranch(inputs, outputs, stride)
        self.shortcut = None if inputs == outputs else ShakeShortcut(inputs, outputs, stride)
        # alpha and beta of each image, where they are not to be drawn.
        self.weights = None

    def forward(self, x):
        first, second = self.branch1(x), self.branch2(x)
        if self.training:
            weights = torch.rand(2, len(x), dtype=x.dtype) if self.weights is None else self.weights
            mixed = Shake.apply(first, second, *(weights.to(first.dtype)[:, :, None, None, None]))
        else:
            mixed = (first + second) / 2
        return mixed + (x if self.shortcut is None else self.shortcut(x))


class ShakeShake(nn.Module):
    """Gastaldi 2017: 26 2 x width d with four blocks a stage."""

    def __init__(self, blocks, width, classes):
        super().__init__()
        self.conv1, self.bn1 = convolution(3, 16, 3), nn.BatchNorm2d(16)
        inputs = 16
        for stage in range(3):
            layers = []
            for index in range(blocks):
                outputs = width * 2**stage
                layers.append(ShakeBlock(inputs, outputs, 2 if stage > 0 and index == 0 else 1))
                inputs = outputs
            setattr(self, f"layer{stage + 1}", nn.Sequential(*layers))
        self.fc = nn.Linear(inputs, classes)

    def features(self, x):
        x = self.bn1(self.conv1(x))
        return F.relu(self.layer3(self.layer2(self.layer1(x)))).mean((2, 3))


def features(network, x):
    """N x A, of any network here."""
    if isinstance(network, DenseNet):
        return F.relu(network.features(x)).mean((2, 3))  # `features` are torchvision's name for all but this
    return network.features(x)


def classifier(network):
    return next(getattr(network, name) for name in ("linear", "fc", "classifier") if hasattr(network, name))


BUILDERS = {
    **{f"resnet{depth}": lambda classes, depth=depth: ResNet(depth, classes)
       for depth in (8, 14, 20, 32, 44, 56, 110, 1202)},
    "se-resnet110": lambda classes: SEResNet(110, classes),
    "wide-resnet-16-8": lambda classes: WideResNet(16, 8, classes),
    "wide-resnet-28-10": lambda classes: WideResNet(28, 10, classes, 0.3),
    "resnext29-8x64d": lambda classes: ResNeXt29(3, 8, 64, classes),
    "resnext29-16x64d": lambda classes: ResNeXt29(3, 16, 64, classes),
    **{f"shake-shake-26-2x{width}d": lambda classes, width=width: ShakeShake(4, width, classes)
       for width in (32, 96, 112)},
    "densenet-bc-100-12": lambda classes: DenseNet(12, (16, 16, 16), classes),
    "densenet-bc-190-40": lambda classes: DenseNet(40, (31, 31, 31), classes),
    "densenet121": lambda classes: DenseNet(32, (6, 12, 24, 16), classes),
    "densenet169": lambda classes: DenseNet(32, (6, 12, 32, 32), classes),
    "densenet201": lambda classes: DenseNet(32, (6, 12, 48, 32), classes),
    "densenet265": lambda classes: DenseNet(32, (6, 12, 64, 48), classes),
    "resnet18": lambda classes: ImageNetResNet((2, 2, 2, 2), classes),
    "resnet34": lambda classes: ImageNetResNet((3, 4, 6, 3), classes),
    "resnet50": lambda classes: ImageNetResNet((3, 4, 6, 3), classes, 1),
    "resnet101": lambda classes: ImageNetResNet((3, 4, 23, 3), classes, 1),
    "resnet152": lambda classes: ImageNetResNet((3, 8, 36, 3), classes, 1),
    "resnext50-32x4d": lambda classes: ImageNetResNet((3, 4, 6, 3), classes, 32, 4),
    "resnext101-32x8d": lambda classes: ImageNetResNet((3, 4, 23, 3), classes, 32, 8),
}
LARGE = {name for name in BUILDERS
         if name in ("resnet18", "resnet34", "resnet50", "resnet101", "resnet152")
         or name.startswith(("resnext50", "resnext101")) or (name.startswith("densenet") and "bc" not in name)}


def build(name, classes):
    """A network by the name that the command line knows."""
    return BUILDERS[name](classes)


def main():
    with torch.device("meta"):
        counts = {name: sum(p.numel() for p in build(name, 1000 if name in LARGE else 10).parameters())
                  for name in BUILDERS}
    for name, count in counts.items():
        print(f"{name:24}{count:12,}")
    try:
        import torchvision
    except (ImportError, RuntimeError) as error:  # the latter if it was built for another torch
        return print("torchvision cannot be loaded:", error)
    torch.manual_seed(0)
    images = torch.randn(2, 3, 64, 64)
    for name in sorted(LARGE):
        theirs = getattr(torchvision.models, name.replace("-", "_"), None)
        if theirs is None:
            print(f"{name:24} not in torchvision")
            continue
        theirs, ours = theirs(num_classes=10).eval(), build(name, 10).eval()
        names = {key: value.shape for key, value in theirs.state_dict().items()}
        assert names == {key: value.shape for key, value in ours.state_dict().items()}, name
        ours.load_state_dict(theirs.state_dict())
        with torch.no_grad():
            difference = (classifier(ours)(features(ours, images)) - theirs(images)).abs().max().item()
        print(f"{name:24} like torchvision's, outputs {difference:.1e} apart")


if __name__ == "__main__":
    main()
