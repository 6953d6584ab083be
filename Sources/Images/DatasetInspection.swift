//  What a folder holds, found out without being told, and everything that is wrong with it.

public import Foundation
internal import Storage

/// What was found in a folder.
public struct DatasetInspection: Codable, Sendable, Equatable {
  /// One of the data sets that a folder can hold.
  public struct Holding: Codable, Sendable, Equatable {
    /// As `--dataset` takes it.
    public let dataset: String
    public let classes: Int
    /// Images of each split.
    public let images: [String: Int]
    /// Width and height as they are read; nil where files have different sizes.
    public let size: Int?
  }

  public var holds: [Holding] = []
  /// One line each, naming the file.
  public var problems: [String] = []
  /// What may be as it should, but is good to know.
  public var remarks: [String] = []

  /// Looks for files of the published data sets, and else for images. Of images every file is decoded, once for as long
  /// as it does not change.
  /// - Throws: `FileError` if there is no such folder; what `progress` throws.
  public init(of folder: URL, progress: (Int, Int) throws -> Void) throws {
    guard FileManager.default.fileExists(atPath: folder.path) else {
      throw FileError.missing(path: folder.path, expected: "a folder of a data set")
    }
    func has(_ name: String, in inner: String? = nil) -> Bool {
      let folder = inner.map(folder.holding) ?? folder
      return FileManager.default.fileExists(atPath: folder.appendingPathComponent(name).path)
    }
    var isPublished = false
    if has("data_batch_1.bin", in: "cifar-10-batches-bin") || has("test_batch.bin", in: "cifar-10-batches-bin") {
      isPublished = true
      add(expected: (5000, 1000)) { () throws(FileError) in try .cifar10(in: folder) }
    }
    if has("train.bin", in: "cifar-100-binary") || has("fine_label_names.txt", in: "cifar-100-binary") {
      isPublished = true
      add(expected: (500, 100)) { () throws(FileError) in try .cifar100(in: folder) }
      add(expected: (2500, 500)) { () throws(FileError) in try .cifar100(in: folder, labels: .coarse) }
    }
    let idx = "train-images-idx3-ubyte"
    if has(idx) || has(idx + ".gz") {
      isPublished = true
      inspectIDX(folder)
    }
    if !isPublished { try inspectImages(folder, progress) }
  }

  private mutating func add(
    expected: (train: Int, test: Int)?, _ read: () throws(FileError) -> Dataset
  ) {
    let dataset: Dataset
    do {
      dataset = try read()
    } catch {
      problems.append("\(error)")
      return
    }
    add(dataset, size: dataset.train.width)
    guard let expected else { return }
    for (name, split, count) in [
      ("train", dataset.record.train, expected.train), ("test", dataset.record.test, expected.test),
    ] {
      for (label, found) in split.ofEachClass.enumerated() where found != count {
        problems.append(
          "\(dataset.name): \(found) \(name) images of class \(dataset.classNames[label]); expected \(count)")
      }
    }
  }

  private mutating func add(_ dataset: Dataset, size: Int?) {
    var images = ["train": dataset.train.count, "test": dataset.test.count]
    images["validation"] = dataset.validation?.count
    holds.append(Holding(dataset: dataset.name, classes: dataset.classNames.count, images: images, size: size))
  }

  /// The two data sets of IDX files look alike; what was published tells them apart.
  private mutating func inspectIDX(_ folder: URL) {
    var found: Set<PublishedDataset> = []
    for place in 0..<4 {
      let candidates = [PublishedDataset.mnist, .fashionMNIST]
      let file = folder.appendingPathComponent(candidates[0].files[place].name)
      guard let digest = try? WholeFile.read(file, expected: "gzip").md5 else { continue }
      if let match = candidates.first(where: { $0.files[place].md5 == digest }) {
        found.insert(match)
      } else {
        problems.append("\(file.path): MD5 \(digest) is that of neither MNIST nor Fashion-MNIST as published")
      }
    }
    if found.count > 1 { problems.append("\(folder.path): files of MNIST beside files of Fashion-MNIST") }
    let isFashion = found == [.fashionMNIST]
    add(expected: nil) { () throws(FileError) in try isFashion ? .fashionMNIST(in: folder) : .mnist(in: folder) }
  }

  private mutating func inspectImages(_ folder: URL, _ progress: (Int, Int) throws -> Void) throws {
    let index: ImageIndex
    do {
      index = try ImageIndex(folder, progress: progress)
    } catch let error as FileError {
      problems.append("\(error)")
      return
    }
    for entry in index.entries {
      if let fault = entry.fault { problems.append("\(folder.path)/\(entry.name): does not decode: \(fault)") }
    }
    do throws(FileError) {
      let layout = try FolderLayout(index)
      let splits = [("train", layout.train), ("validation", layout.validation), ("test", layout.test)]
      let classNames = try layout.train.classNames()
      var images: [String: Int] = [:]
      for case (let name, let split?) in splits {
        images[name] = split.entries.count
        _ = try split.checkedLabels(classNames: classNames)
        _ = try split.factors()
      }
      holds.append(Holding(dataset: "folder", classes: classNames.count, images: images, size: nil))
      findRepeats(splits.compactMap { name, split in split.map { (name, $0.entries) } }, folder)
    } catch {
      problems.append("\(error)")
    }
  }

  /// The same bytes in two splits let a network be tested on what it has learnt; twice in one they are only remarked.
  private mutating func findRepeats(_ splits: [(name: String, entries: [ImageIndex.Entry])], _ folder: URL) {
    var seen: [[UInt8]: (split: String, name: String)] = [:]
    for (split, entries) in splits {
      var again = 0
      for entry in entries {
        guard let first = seen[entry.digest] else {
          seen[entry.digest] = (split, entry.name)
          continue
        }
        if first.split == split {
          again += 1
        } else {
          problems.append("\(folder.path)/\(entry.name): the same file as \(first.name) in \(first.split)")
        }
      }
      if again > 0 { remarks.append("\(folder.path): \(again) \(split) images are copies of others") }
    }
  }
}
