//  Folders of pictures as a data set: `root/class/*.png`, or `root/train/class/*.png` and the same under `val` and `test`,
//  with attributes in a table beside the classes.

public import Foundation
public import Storage

extension Dataset {
  /// How a folder of images is read.
  public struct FolderOptions: Sendable {
    /// Width and height that all images are brought to. Up to 64 they are read into memory; larger ones are decoded
    /// while they are used.
    public var size: Int
    /// Of each class's images, where the folder has no `test` and no `val`.
    public var testShare: Double?
    /// Whether files that do not decode are left out; if not, the first one is an error.
    public var skipsBroken: Bool

    public init(size: Int, testShare: Double? = nil, skipsBroken: Bool = false) {
      (self.size, self.testShare, self.skipsBroken) = (size, testShare, skipsBroken)
    }
  }

  /// What is told while a folder is read.
  public enum FolderEvent: Sendable {
    /// Files whose contents were looked at, of those that are new or changed.
    case indexing(done: Int, of: Int)
    /// A file that does not decode and is left out.
    case skipped(FileError)
  }

  /// Reads PNG and JPEG files.
  ///
  /// With a folder `train` there may be `val` (or `validation`) and `test` beside it; without `test`, `val` takes its
  /// place, as ImageNet has no labels for its test images. With none of them a share of each class is held out for
  /// testing, a fifth if not said otherwise, chosen by the files' names. The class of an image is the folder that it
  /// lies in, at any depth below; classes are numbered by their names. Images without such a folder need a `label` in
  /// `metadata.csv` or `metadata.jsonl`, whose other columns are attributes.
  ///
  /// Images become squares: the middle of the shorter side, and above 64 pixels 7/8 of it. What is read into memory is
  /// normalised by its own mean and deviation, larger images by ImageNet's.
  /// - Throws: `FileError` naming the file or folder at fault; what `report` throws.
  public static func folder(
    _ root: URL, options: FolderOptions, report: (FolderEvent) throws -> Void = { _ in }
  ) throws -> Dataset {
    let index = try ImageIndex(root) { try report(.indexing(done: $0, of: $1)) }
    for entry in index.entries {
      guard let fault = entry.fault else { continue }
      let error = FileError.malformed(
        path: "\(root.path)/\(entry.name)", found: fault, expected: "an image that decodes")
      guard options.skipsBroken else { throw error }
      try report(.skipped(error))
    }
    let layout = try FolderLayout(index)
    var (train, validation, test) = (layout.train, layout.validation, layout.test)
    if test == nil { (test, validation) = (validation, nil) }
    if let test, options.testShare != nil {
      throw FileError.malformed(
        path: "\(root.path)/\(test.prefix)", found: "test images of the folder's own", expected: "no share of others")
    }
    if test == nil {
      let parts = HeldOut(
        names: train.entries.map(\.name), labels: train.labels(classNames: try train.classNames()),
        share: options.testShare ?? 0.2)
      (train, test) = (train.subset(parts.kept), train.subset(parts.heldOut))
    }
    let classNames = try train.classNames()
    func images(_ split: FolderSplit) throws(FileError) -> ImageSet {
      let files = ImageFiles(split.entries, in: root, side: options.size)
      let set = ImageSet(
        files, labels: try split.checkedLabels(classNames: classNames), factors: try split.factors())
      guard options.size <= ImageFiles.largestInMemory else { return set }
      return ImageSet(
        width: set.width, height: set.height,
        pixels: try files.pixels(set.count) { row throws(FileError) in try files.image(row) }, labels: set.labels,
        factors: set.factors)
    }
    let trainSet = try images(train)
    var validationSet: ImageSet?
    if let validation { validationSet = try images(validation) }
    guard let test else { preconditionFailure("a folder without test images") }
    return Dataset(
      name: "folder", classNames: classNames, train: trainSet, validation: validationSet, test: try images(test),
      normalization: trainSet.files == nil ? Normalization(of: trainSet) : .imageNet)
  }
}

/// The images of one split, as their names tell.
struct FolderSplit {
  let root: URL
  /// `train/`, or nothing where the folder has no splits.
  let prefix: String
  let entries: [ImageIndex.Entry]
  let metadata: FolderMetadata?
  /// The class of each image.
  let classes: [String]

  /// - Parameter entries: of the split, also those that do not decode, which are left out.
  init(_ prefix: String, _ entries: [ImageIndex.Entry], root: URL) throws(FileError) {
    let folder = prefix.isEmpty ? root : root.appendingPathComponent(prefix)
    let metadata = try FolderMetadata(in: folder)
    try metadata?.requireFiles(Set(entries.map { String($0.name.dropFirst(prefix.count)) }))
    let whole = entries.filter { $0.fault == nil }
    guard !whole.isEmpty else {
      throw .malformed(path: folder.path, found: "no image that decodes", expected: "images of each class")
    }
    var classes: [String] = []
    for entry in whole {
      let name = entry.name.dropFirst(prefix.count)
      if let slash = name.firstIndex(of: "/") {
        classes.append(String(name[..<slash]))
      } else if let label = metadata?.label(of: String(name)) {
        classes.append(label)
      } else {
        throw .malformed(
          path: "\(root.path)/\(entry.name)", found: "an image outside of any class",
          expected: "it in the folder of its class, or with a label in metadata.csv or metadata.jsonl")
      }
    }
    self.init(root: root, prefix: prefix, entries: whole, metadata: metadata, classes: classes)
  }

  private init(
    root: URL, prefix: String, entries: [ImageIndex.Entry], metadata: FolderMetadata?, classes: [String]
  ) {
    (self.root, self.prefix, self.entries, self.metadata, self.classes) = (root, prefix, entries, metadata, classes)
  }

  func subset(_ rows: [Int]) -> FolderSplit {
    FolderSplit(
      root: root, prefix: prefix, entries: rows.map { entries[$0] }, metadata: metadata,
      classes: rows.map { classes[$0] })
  }

  func classNames() throws(FileError) -> [String] {
    let names = Set(classes).sorted(by: precedes)
    guard names.count > 1 else {
      throw .malformed(
        path: "\(root.path)/\(prefix)", found: "one class, \(names.joined())", expected: "images of two or more")
    }
    return names
  }

  /// - Precondition: every class has a name.
  func labels(classNames: [String]) -> [Int] {
    let numbers = Dictionary(uniqueKeysWithValues: classNames.enumerated().map { ($1, $0) })
    return classes.map { numbers[$0, default: 0] }
  }

  /// - Throws: `FileError` for an image of a class that is not among the names.
  func checkedLabels(classNames: [String]) throws(FileError) -> [Int] {
    let known = Set(classNames)
    if let row = classes.firstIndex(where: { !known.contains($0) }) {
      throw .malformed(
        path: "\(root.path)/\(entries[row].name)", found: "class \(classes[row])",
        expected: "one of the \(classNames.count) classes that have training images")
    }
    return labels(classNames: classNames)
  }

  func factors() throws(FileError) -> FactorTable? {
    try metadata?.factors(of: entries.map { String($0.name.dropFirst(prefix.count)) })
  }
}

/// Which files belong to which split.
struct FolderLayout {
  private(set) var train: FolderSplit
  private(set) var validation: FolderSplit?
  private(set) var test: FolderSplit?

  private static let names = ["train": "train", "val": "val", "validation": "val", "test": "test"]

  /// - Throws: `FileError` for images beside `train`, and what is wrong with a table.
  init(_ index: ImageIndex) throws(FileError) {
    var parts: [String: [ImageIndex.Entry]] = [:]
    for entry in index.entries {
      parts[entry.name.firstIndex(of: "/").map { String(entry.name[..<$0]) } ?? "", default: []].append(entry)
    }
    guard parts["train"] != nil else {
      train = try FolderSplit("", index.entries, root: index.root)
      return
    }
    if let other = parts.keys.filter({ Self.names[$0] == nil }).min() {
      throw .malformed(
        path: "\(index.root.path)/\(other)", found: "images beside the folder train",
        expected: "only train, val (or validation) and test")
    }
    if parts["val"] != nil && parts["validation"] != nil {
      throw .malformed(
        path: "\(index.root.path)/validation", found: "images beside those of val", expected: "one of both folders")
    }
    func split(_ name: String) throws(FileError) -> FolderSplit? {
      guard let (folder, entries) = parts.first(where: { Self.names[$0.key] == name }) else { return nil }
      return try FolderSplit(folder + "/", entries, root: index.root)
    }
    guard let train = try split("train") else { preconditionFailure("no train among \(parts.keys)") }
    self.train = train
    validation = try split("val")
    test = try split("test")
  }
}
