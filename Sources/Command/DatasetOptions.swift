//  Which images a command is about: the options that say so, and the way from a choice to the images.

public import ArgumentParser
import Foundation
import Images
import Networks
public import Results
import Storage

extension DatasetName: ExpressibleByArgument {}
extension DatasetChoice.Evaluation: ExpressibleByArgument {}
extension DatasetChoice.BrokenFiles: ExpressibleByArgument {}

/// Where the images of a run are, for what looks at runs.
struct MovedDataOption: ParsableArguments {
  @Option(help: "Folder of the data set's files, if they have moved since the training.", completion: .directory)
  var data: String?
}

/// Which images: a name, and the folder for sets that have files.
struct DatasetOptions: ParsableArguments {
  @Option(
    help: """
      The data set: portraits (drawn, needs nothing); cifar10, cifar100, cifar100-coarse (20 superclasses), mnist or \
      fashion-mnist; or folder, for PNG and JPEG files. All but portraits need --data.
      """)
  var dataset: DatasetName?

  @Option(
    help: "Folder of the data set's files, as `isda data fetch` leaves it; for folder the one with the classes.",
    completion: .directory)
  var data: String?

  @Option(
    help: """
      Training images: for portraits how many to draw, 2000 if not given; for others how many to take, the first of each \
      class, equally many of each class; all if not given.
      """)
  var trainCount: Int?

  @Option(help: "Test images to draw, for portraits; 2000 if not given.")
  var testCount: Int?

  @Option(
    help: "Width and height that the images of a folder are brought to; what the network is built for if not given.")
  var size: Int?

  @Option(help: "Share of each class's training images to hold out for validation, always the same ones.")
  var validationShare: Double?

  @Option(help: "Share of each class to test on, for folders without test images of their own; 0.2 if not given.")
  var testShare: Double?

  @Option(help: "What errors are measured on and directions shown with: test or validation images.")
  var evaluateOn = DatasetChoice.Evaluation.test

  @Option(help: "Image files that do not decode: fail ends there, skip names, counts and leaves them out.")
  var broken = DatasetChoice.BrokenFiles.fail

  func validate() throws {
    guard let dataset else { return }
    if data == nil, let files = dataset.files {
      throw ValidationError("--dataset \(dataset.rawValue) needs --data DIR, \(files)")
    }
    if let fault = try choice(for: nil).fault { throw ValidationError(fault) }
  }

  /// The options that the command line has, but for those that stand where they stand by themselves.
  var given: [String] {
    [
      ("--dataset", dataset != nil), ("--data", data != nil), ("--train-count", trainCount != nil),
      ("--test-count", testCount != nil), ("--size", size != nil), ("--validation-share", validationShare != nil),
      ("--test-share", testShare != nil), ("--evaluate-on", evaluateOn != .test), ("--broken", broken != .fail),
    ].compactMap { $0.1 ? $0.0 : nil }
  }

  static let defaultCount = 2000

  /// - Parameter network: that decides the size of images where nothing else does.
  func choice(for network: Architecture?) throws -> DatasetChoice {
    let dataset = try required("--dataset", dataset)
    let count = dataset == .portraits ? Self.defaultCount : nil
    return DatasetChoice(
      name: dataset.rawValue, data: data.map { URL(fileURLWithPath: $0).standardizedFileURL.path },
      trainCount: trainCount ?? count, testCount: testCount ?? count,
      size: size ?? (dataset == .folder ? network?.imageSize : nil), validationShare: validationShare,
      testShare: testShare, evaluateOn: evaluateOn, broken: broken)
  }

  func load(_ console: Console, for network: Architecture?) throws -> Dataset {
    try loadDataset(choice(for: network), configurationFile: nil, console)
  }
}

/// The data set that a run was trained on, read or drawn again.
func loadDataset(of folder: RunFolder, data: String?, _ console: Console) throws -> Dataset {
  var choice = try folder.configuration().images
  choice.data = data ?? choice.data
  return try loadDataset(choice, configurationFile: folder.configurationFile, console)
}

/// - Parameter configurationFile: where the choice comes from, if not from the command line.
func loadDataset(_ choice: DatasetChoice, configurationFile: URL?, _ console: Console) throws -> Dataset {
  let source = configurationFile?.path ?? "--dataset"
  if let fault = choice.fault {
    throw FileError.malformed(path: source, found: "\(fault.key) \(fault.value)", expected: fault.expected)
  }
  var dataset = try read(choice, source: source, console)
  if let share = choice.validationShare {
    guard dataset.validation == nil else {
      throw FileError.malformed(
        path: source, found: "validationShare \(share) of a data set with validation images", expected: "one of both")
    }
    dataset = dataset.holdingOut(share)
  }
  if choice.evaluateOn == .validation {
    guard dataset.validation != nil else {
      throw FileError.malformed(
        path: source, found: "no validation images to evaluate on",
        expected: "a folder val beside train and test, or a share to hold out (--validation-share)")
    }
    dataset = dataset.evaluatedOnValidation()
  }
  if choice.name != DatasetName.portraits.rawValue, let count = choice.trainCount {
    let classes = dataset.classNames.count
    guard count % classes == 0 else {
      throw FileError.malformed(
        path: source, found: "trainCount \(count)", expected: "a multiple of \(classes), the number of classes")
    }
    dataset = dataset.firstOfEachClass(count / classes)
  }
  return dataset
}

/// The data set as it is, before anything is held out.
private func read(_ choice: DatasetChoice, source: String, _ console: Console) throws -> Dataset {
  func folder() throws(FileError) -> URL {
    guard let data = choice.data else {
      let files = DatasetName(rawValue: choice.name)?.files ?? "its files"
      throw .malformed(path: source, found: "data set \"\(choice.name)\" in no folder", expected: "data, \(files)")
    }
    return URL(fileURLWithPath: data, isDirectory: true)
  }
  func reading(_ name: String) { console.progress(0, "reading \(name)") }
  switch DatasetName(rawValue: choice.name) {
  case .portraits:
    guard let train = choice.trainCount, let test = choice.testCount else {
      throw FileError.malformed(path: source, found: "portraits without numbers", expected: "trainCount and testCount")
    }
    console.progress(0, "drawing \(train + test) portraits")
    return .portraits(trainCount: train, testCount: test)
  case .cifar10:
    reading("CIFAR-10")
    return try .cifar10(in: folder())
  case .cifar100:
    reading("CIFAR-100")
    return try .cifar100(in: folder())
  case .cifar100Coarse:
    reading("CIFAR-100")
    return try .cifar100(in: folder(), labels: .coarse)
  case .mnist:
    reading("MNIST")
    return try .mnist(in: folder())
  case .fashionMNIST:
    reading("Fashion-MNIST")
    return try .fashionMNIST(in: folder())
  case .folder:
    guard let size = choice.size else {
      throw FileError.malformed(path: source, found: "a folder of images without size", expected: "size")
    }
    let options = Dataset.FolderOptions(size: size, testShare: choice.testShare, skipsBroken: choice.broken == .skip)
    return try readFolder(folder(), options: options, console)
  case nil:
    throw FileError.malformed(
      path: source, found: "data set \"\(choice.name)\"", expected: "one of \(DatasetName.list)")
  }
}

private func readFolder(_ folder: URL, options: Dataset.FolderOptions, _ console: Console) throws -> Dataset {
  var skipped = 0
  let dataset = try Dataset.folder(folder, options: options) { event in
    try StopSignal.throwIfRequested()
    switch event {
    case .indexing(let done, let count):
      console.progress(Double(done) / Double(count), "looking at \(count - done) of \(count) new images")
    case .skipped(let error):
      skipped += 1
      console.warn("left out: \(error)")
    }
  }
  if skipped > 0 { console.warn("\(folder.path): image files that do not decode and were left out: \(skipped)") }
  return dataset
}
