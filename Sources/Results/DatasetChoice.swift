//  Which images: the data sets that are known by name, what can be asked of each, and which requests nobody can fulfil.

/// The data sets that the command line, recipes and `config.json` know by name.
public enum DatasetName: String, Sendable, CaseIterable {
  /// Drawn; needs no files.
  case portraits
  case cifar10
  /// CIFAR-100 with its 100 classes.
  case cifar100
  /// The same images with their 20 superclasses.
  case cifar100Coarse = "cifar100-coarse"
  case mnist
  case fashionMNIST = "fashion-mnist"
  /// Folders of PNG and JPEG files, a folder a class.
  case folder

  /// What `--data` has to hold; nil where nothing is read.
  public var files: String? {
    switch self {
    case .portraits: nil
    case .cifar10: "the folder that holds data_batch_1.bin"
    case .cifar100, .cifar100Coarse: "the folder that holds train.bin and fine_label_names.txt"
    case .mnist, .fashionMNIST: "the folder that holds train-images-idx3-ubyte or train-images-idx3-ubyte.gz"
    case .folder: "a folder with a folder of images for each class, or with train and test that have them"
    }
  }

  /// Classes and training images, where they do not depend on the files.
  public var published: (classes: Int, train: Int)? {
    switch self {
    case .portraits, .folder: nil
    case .cifar10: (10, 50_000)
    case .cifar100: (100, 50_000)
    case .cifar100Coarse: (20, 50_000)
    case .mnist, .fashionMNIST: (10, 60_000)
    }
  }

  public static var list: String { allCases.map(\.rawValue).joined(separator: ", ") }
}

/// The images of a run: what was asked for, not the images themselves.
public struct DatasetChoice: Codable, Sendable, Equatable {
  /// What errors are measured on.
  public enum Evaluation: String, Codable, Sendable, CaseIterable {
    case test, validation
  }

  /// What is done about image files that do not decode.
  public enum BrokenFiles: String, Codable, Sendable, CaseIterable {
    /// The first one ends the command.
    case fail
    /// They are named, counted and left out.
    case skip
  }

  /// A `DatasetName`.
  public var name: String
  /// The folder of the data set's files, for those that have files.
  public var data: String?
  /// How many training and test images to draw, for data sets that are drawn. Of one that is read, nil for all training
  /// images or how many: a fixed part, equally many of each class.
  public var trainCount: Int?
  public var testCount: Int?
  /// Width and height that the images of folders are brought to.
  public var size: Int?
  /// The share of each class's training images that is held out as validation images; nil for none.
  public var validationShare: Double?
  /// The share of each class's images that are test images, for folders that have no split of their own.
  public var testShare: Double?
  /// Which images stand in for "test" in all that the run records: the test images, or the validation images.
  public var evaluateOn: Evaluation
  /// What becomes of image files that do not decode.
  public var broken: BrokenFiles

  private enum CodingKeys: String, CodingKey {
    case name = "dataset"
    case data, trainCount, testCount, size, validationShare, testShare, evaluateOn, broken
  }

  public init(
    name: String, data: String? = nil, trainCount: Int? = nil, testCount: Int? = nil, size: Int? = nil,
    validationShare: Double? = nil, testShare: Double? = nil, evaluateOn: Evaluation = .test,
    broken: BrokenFiles = .fail
  ) {
    self.name = name
    self.data = data
    self.trainCount = trainCount
    self.testCount = testCount
    self.size = size
    self.validationShare = validationShare
    self.testShare = testShare
    self.evaluateOn = evaluateOn
    self.broken = broken
  }

  /// Keys that came later than the first version have, where they are missing, the values that runs had then.
  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    try self.init(
      name: values.decode(String.self, forKey: .name), data: values.decodeIfPresent(String.self, forKey: .data),
      trainCount: values.decodeIfPresent(Int.self, forKey: .trainCount),
      testCount: values.decodeIfPresent(Int.self, forKey: .testCount),
      size: values.decodeIfPresent(Int.self, forKey: .size),
      validationShare: values.decodeIfPresent(Double.self, forKey: .validationShare),
      testShare: values.decodeIfPresent(Double.self, forKey: .testShare),
      evaluateOn: values.decodeIfPresent(Evaluation.self, forKey: .evaluateOn) ?? .test,
      broken: values.decodeIfPresent(BrokenFiles.self, forKey: .broken) ?? .fail)
  }

  /// The first thing that cannot be; nil if there may be such images. Portraits are drawn, any number of them; of a data
  /// set that is read the training set may be a part with equally many images of each class, and test images are always
  /// all.
  public var fault: SettingFault? {
    func fault(_ key: String, _ value: any CustomStringConvertible, _ expected: String) -> SettingFault {
      SettingFault(key: key, value: value.description, expected: expected)
    }
    guard let known = DatasetName(rawValue: name) else { return fault("dataset", name, "one of \(DatasetName.list)") }
    if let (classes, most) = known.published, let trainCount,
      !(classes...most).contains(trainCount) || trainCount % classes != 0
    {
      return fault("trainCount", trainCount, "\(classes) to \(most), a multiple of \(classes), the number of classes")
    }
    if known != .portraits, let testCount {
      return fault("testCount", testCount, "nothing: \(name) is tested on all of its test images")
    }
    for (key, count) in [("trainCount", trainCount), ("testCount", testCount)] {
      if let count, !(1...10_000_000).contains(count) { return fault(key, count, "1 to 10000000") }
    }
    for (key, share) in [("validationShare", validationShare), ("testShare", testShare)] {
      if let share, !(share > 0 && share < 1) { return fault(key, share, "more than 0 and less than 1") }
    }
    if known != .folder {
      if let size { return fault("size", size, "nothing: \(name) has a size of its own") }
      if let testShare { return fault("testShare", testShare, "nothing: \(name) has test images of its own") }
      if broken != .fail { return fault("broken", broken.rawValue, "nothing: only image folders can skip files") }
      if evaluateOn == .validation && validationShare == nil {
        return fault(
          "evaluateOn", evaluateOn.rawValue,
          "a share of the training images to hold out (--validation-share); \(name) has no validation images")
      }
    }
    if let size, !(8...1024).contains(size) { return fault("size", size, "8 to 1024") }
    return nil
  }
}
