//  MNIST and Fashion-MNIST: grey images and labels as IDX files, plain or packed with gzip as they are published.
//  Grey becomes three equal channels, and a black border of two pixels makes 28×28 into the 32×32 that networks for small
//  images are built for. http://yann.lecun.com/exdb/mnist, https://github.com/zalandoresearch/fashion-mnist

public import Foundation
public import Storage

extension Dataset {
  /// Reads handwritten digits; see `idx(_:in:classNames:)`.
  public static func mnist(in folder: URL) throws(FileError) -> Dataset {
    try idx("mnist", in: folder, classNames: (0..<10).map(String.init))
  }

  /// Reads pictures of clothes; see `idx(_:in:classNames:)`.
  public static func fashionMNIST(in folder: URL) throws(FileError) -> Dataset {
    try idx(
      "fashion-mnist", in: folder,
      classNames: [
        "T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot",
      ])
  }

  /// Reads `train-images-idx3-ubyte`, `train-labels-idx1-ubyte` and the same with `t10k`, each plain or with `.gz`.
  /// Input is normalised by the training images' own mean and deviation, border included.
  /// - Throws: `FileError` naming the file at fault.
  private static func idx(_ name: String, in folder: URL, classNames: [String]) throws(FileError) -> Dataset {
    let train = try idxSet("train", in: folder, classCount: classNames.count)
    return Dataset(
      name: name, classNames: classNames, train: train,
      test: try idxSet("t10k", in: folder, classCount: classNames.count), normalization: Normalization(of: train))
  }

  private static let (side, border) = (28, 2)

  private static func idxSet(_ split: String, in folder: URL, classCount: Int) throws(FileError) -> ImageSet {
    let images = try IDXFile(split + "-images-idx3-ubyte", in: folder, rank: 3)
    let labels = try IDXFile(split + "-labels-idx1-ubyte", in: folder, rank: 1)
    guard Array(images.shape.dropFirst()) == [side, side] else {
      throw .malformed(
        path: images.path, found: "images of \(images.shape[2]) × \(images.shape[1])", expected: "\(side) × \(side)")
    }
    guard labels.shape[0] == images.shape[0] else {
      throw .malformed(
        path: labels.path, found: "\(labels.shape[0]) labels", expected: "\(images.shape[0]), one for each image")
    }
    if let row = labels.values.firstIndex(where: { $0 >= classCount }) {
      throw .malformed(
        path: labels.path, found: "label \(labels.values[row]) in row \(row - labels.values.startIndex)",
        expected: "labels 0 to \(classCount - 1)")
    }
    let full = side + 2 * border
    var pixels = [UInt8](repeating: 0, count: images.shape[0] * full * full * 3)
    images.values.withUnsafeBytes { (values: UnsafeRawBufferPointer) in
      for row in 0..<images.shape[0] * side {
        let (image, y) = (row / side, row % side)
        var place = ((image * full + y + border) * full + border) * 3
        for x in 0..<side {
          for channel in 0..<3 { pixels[place + channel] = values[row * side + x] }
          place += 3
        }
      }
    }
    return ImageSet(width: full, height: full, pixels: pixels, labels: Array(labels.values))
  }
}
