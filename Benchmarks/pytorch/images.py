"""CIFAR-like images for the benchmarks, and their augmentation twice: image by image in a Dataset, as scripts
usually have it, and a whole batch at once on tensors. Speed does not depend on what the images show, so they are
noise from a seed.
"""
import numpy
import torch
from torch.nn import functional as F

PADDING = 4
MEAN = torch.tensor([125.3, 123.0, 113.9]) / 255
DEVIATION = torch.tensor([63.0, 62.1, 66.7]) / 255


def noise(count, class_count, side=32):
    """Bytes, count x side x side x 3, and labels."""
    random = numpy.random.default_rng(0)
    return (random.integers(0, 256, (count, side, side, 3), dtype=numpy.uint8),
            random.integers(0, class_count, count))


def draw(count):
    """Top and left edge of each window in the padded image, and whether it is mirrored."""
    return (*torch.randint(0, 2 * PADDING + 1, (2, count)), torch.randint(0, 2, (count,)))


def to_tensor(pixels):
    return torch.from_numpy(pixels).permute(2, 0, 1).float().div(255)


def normalized(image):
    return (image - MEAN[:, None, None]) / DEVIATION[:, None, None]


def augmented(image, top, left, flip):
    """One image: padded by reflection, cropped, mirrored."""
    side = image.shape[-1]
    padded = F.pad(image[None], (PADDING,) * 4, mode="reflect")[0]
    crop = padded[:, top:top + side, left:left + side]
    return crop.flip(2) if flip else crop


class PerImage(torch.utils.data.Dataset):
    def __init__(self, pixels, labels, augment):
        self.pixels, self.labels, self.augment = pixels, labels, augment

    def __len__(self):
        return len(self.labels)

    def __getitem__(self, index):
        image = to_tensor(self.pixels[index])
        if self.augment:
            image = augmented(image, *(int(value) for value in draw(1)))
        return normalized(image), int(self.labels[index])


class WholeBatches:
    """The set as bytes in one tensor with its mirrored borders; a batch is one gather, channels-last as it comes."""

    def __init__(self, pixels, labels):
        self.labels = torch.from_numpy(labels)
        self.side = pixels.shape[1]
        self.extent = self.side + 2 * PADDING
        padded = numpy.pad(pixels, ((0, 0), (PADDING,) * 2, (PADDING,) * 2, (0, 0)), mode="reflect")
        self.pixels = torch.from_numpy(padded).reshape(-1, 3)
        self.scale = (1 / (255 * DEVIATION))[:, None, None]
        self.offset = (-MEAN / DEVIATION)[:, None, None]

    def batch(self, rows, top, left, flip):
        across = torch.arange(self.side)
        columns = across + flip[:, None] * (self.side - 1 - 2 * across)
        first = (rows * self.extent + top) * self.extent + left
        places = first[:, None, None] + across[:, None] * self.extent + columns[:, None, :]
        chosen = self.pixels.index_select(0, places.flatten()).view(len(rows), self.side, self.side, 3).permute(0, 3, 1, 2)
        return chosen.float().mul_(self.scale).add_(self.offset), self.labels[rows]

    def plain(self, rows):
        """Unaugmented."""
        middle = torch.full_like(rows, PADDING)
        return self.batch(rows, middle, middle, torch.zeros_like(rows))

    def shuffled(self, size):
        """One pass of full batches."""
        order = torch.randperm(len(self.labels))
        draws = draw(len(order))
        for start in range(0, len(order) - size + 1, size):
            part = slice(start, start + size)
            yield self.batch(order[part], *(values[part] for values in draws))
