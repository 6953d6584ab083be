//  Which images are held out of training. The choice follows from the images' names alone, not from a seed: whoever has the
//  same data set has the same splits, and files that join later move few of the others.

internal import Foundation
internal import Storage

/// A part of each class, chosen by names: of every class the images whose names have the smallest SHA-256.
struct HeldOut {
  /// Rows that stay, and rows that are held out, in their order.
  let kept: [Int]
  let heldOut: [Int]

  /// - Parameter share: of each class, rounded; at least one of a class with two images or more.
  init(names: [String], labels: [Int], share: Double) {
    var chosen: Set<Int> = []
    for (_, rows) in Dictionary(grouping: labels.indices, by: { labels[$0] }) {
      let count = min(max(Int((share * Double(rows.count)).rounded()), 1), rows.count - 1)
      let digests = rows.map { (row: $0, digest: Data(names[$0].utf8).sha256Bytes) }
      let ordered = digests.sorted { $0.digest.lexicographicallyPrecedes($1.digest) }
      chosen.formUnion(ordered.prefix(count).map(\.row))
    }
    kept = labels.indices.filter { !chosen.contains($0) }
    heldOut = labels.indices.filter { chosen.contains($0) }
  }
}

extension Dataset {

  /// The data set with a share of each class's training images as validation images. Images in files go by their names,
  /// others by their row among the training images.
  /// - Precondition: there are no validation images yet.
  public func holdingOut(_ share: Double) -> Dataset {
    precondition(validation == nil)
    let names = train.files?.names ?? (0..<train.count).map { "train/\($0)" }
    let parts = HeldOut(names: names, labels: train.labels, share: share)
    return replacing(train: train.subset(parts.kept), validation: train.subset(parts.heldOut))
  }

  /// The data set with a part of its training images: the first of each class, equally many of each class, so that it
  /// is the same part whatever the seed of a run.
  public func firstOfEachClass(_ count: Int) -> Dataset { replacing(train: train.firstOfEachClass(count)) }

  /// The data set with its validation images in place of the test images, so that choosing by them leaves the test
  /// images unseen.
  /// - Precondition: there are validation images.
  public func evaluatedOnValidation() -> Dataset {
    guard let validation else { preconditionFailure("\(name) has no validation images") }
    return replacing(test: validation)
  }

  private func replacing(train: ImageSet? = nil, validation: ImageSet? = nil, test: ImageSet? = nil) -> Dataset {
    Dataset(
      name: name, classNames: classNames, train: train ?? self.train, validation: validation ?? self.validation,
      test: test ?? self.test, normalization: normalization)
  }
}

/// What a run was trained and measured on, as its folder keeps it: `data.json`.
public struct DatasetRecord: Codable, Sendable, Equatable {
  public struct Split: Codable, Sendable, Equatable {
    public let images: Int
    /// Images of each class, in the order of `classNames`.
    public let ofEachClass: [Int]
    /// Of pixels and labels in their order, or of the files'.
    public let sha256: String
  }
  public let name: String
  public let classNames: [String]
  public let train: Split
  public let validation: Split?
  /// The images that errors were measured on; equal to `validation` where those stood in for the test images.
  public let test: Split
}

extension Dataset {
  /// Splits by number and digest.
  public var record: DatasetRecord {
    func split(_ set: ImageSet) -> DatasetRecord.Split {
      var counts = classNames.map { _ in 0 }
      for label in set.labels { counts[label] += 1 }
      return DatasetRecord.Split(images: set.count, ofEachClass: counts, sha256: Data(set.sha256.utf8).sha256)
    }
    return DatasetRecord(
      name: name, classNames: classNames, train: split(train), validation: validation.map(split), test: split(test))
  }
}
