//  Everything that was asked of a run, in one value: filled by the command line, saved as `config.json`.

/// What to train, on what, and how. The defaults are those of `isda train`.
public struct RunConfiguration: Codable, Sendable, Equatable {
  public enum Schedule: String, Codable, Sendable, CaseIterable {
    /// From the initial rate to zero along half a cosine, moved every step.
    case cosine
    /// Multiplied by 0.1 at one half and at three quarters of the epochs, as ResNets on CIFAR are published.
    case step
  }

  public enum Precision: String, Codable, Sendable, CaseIterable {
    /// bfloat16 where the processor computes in it, float32 elsewhere; resolved when the run starts.
    case auto
    case float32
    /// Convolutions in bfloat16; weights, BatchNorm statistics, features, loss and covariances in float32.
    case bfloat16
  }

  public enum DeviceChoice: String, Codable, Sendable, CaseIterable {
    /// A GPU where libtorch has CUDA and finds one, the processor elsewhere; resolved when the run starts.
    case auto
    case cpu
    case cuda
  }

  /// A `DatasetName`.
  public var dataset: String
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
  public var evaluateOn: DatasetChoice.Evaluation
  /// What becomes of image files that do not decode.
  public var broken: DatasetChoice.BrokenFiles
  /// `resnet8` to `resnet110`, or `wide-resnet-16-8`.
  public var network: String
  public var loss: Loss
  /// λ₀, the strength that λ reaches at the end of the run.
  public var lambda: Double
  public var lambdaSchedule: LambdaSchedule
  public var covariance: Covariance
  /// β, by which the weight of old features in the covariances shrinks with every step; 1 forgets nothing.
  public var retention: Double
  public var epochs: Int
  public var batch: Int
  public var seed: UInt64
  public var learningRate: Double
  public var momentum: Double
  public var weightDecay: Double
  public var schedule: Schedule
  /// Pad-crop-flip of the training images.
  public var augment: Bool
  /// By how many pixels it may move an image.
  public var cropPadding: Int
  public var precision: Precision
  /// Where to compute.
  public var device: DeviceChoice
  /// Threads for tensor operations; nil takes one for each physical core.
  public var threads: Int?

  public init(
    dataset: String, data: String? = nil, trainCount: Int? = nil, testCount: Int? = nil, size: Int? = nil,
    validationShare: Double? = nil, testShare: Double? = nil, evaluateOn: DatasetChoice.Evaluation = .test,
    broken: DatasetChoice.BrokenFiles = .fail, network: String,
    loss: Loss, lambda: Double = 0.5, lambdaSchedule: LambdaSchedule = .epoch, covariance: Covariance = .full,
    retention: Double = 1, epochs: Int, batch: Int = 128, seed: UInt64 = 0, learningRate: Double = 0.1,
    momentum: Double = 0.9, weightDecay: Double = 5e-4, schedule: Schedule = .cosine, augment: Bool = true,
    cropPadding: Int? = nil, precision: Precision = .auto, device: DeviceChoice = .auto,
    threads: Int? = nil
  ) {
    self.dataset = dataset
    self.data = data
    self.trainCount = trainCount
    self.testCount = testCount
    self.size = size
    self.validationShare = validationShare
    self.testShare = testShare
    self.evaluateOn = evaluateOn
    self.broken = broken
    self.network = network
    self.loss = loss
    self.lambda = lambda
    self.lambdaSchedule = lambdaSchedule
    self.covariance = covariance
    self.retention = retention
    self.epochs = epochs
    self.batch = batch
    self.seed = seed
    self.learningRate = learningRate
    self.momentum = momentum
    self.weightDecay = weightDecay
    self.schedule = schedule
    self.augment = augment
    self.cropPadding = cropPadding ?? RunConfiguration.cropPadding(epochs: epochs)
    self.precision = precision
    self.device = device
    self.threads = threads
  }

  /// Keys that came later than the first version have, where they are missing, the values that runs had then.
  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    try self.init(
      dataset: values.decode(String.self, forKey: .dataset), data: values.decodeIfPresent(String.self, forKey: .data),
      trainCount: values.decodeIfPresent(Int.self, forKey: .trainCount),
      testCount: values.decodeIfPresent(Int.self, forKey: .testCount),
      size: values.decodeIfPresent(Int.self, forKey: .size),
      validationShare: values.decodeIfPresent(Double.self, forKey: .validationShare),
      testShare: values.decodeIfPresent(Double.self, forKey: .testShare),
      evaluateOn: values.decodeIfPresent(DatasetChoice.Evaluation.self, forKey: .evaluateOn) ?? .test,
      broken: values.decodeIfPresent(DatasetChoice.BrokenFiles.self, forKey: .broken) ?? .fail,
      network: values.decode(String.self, forKey: .network), loss: values.decode(Loss.self, forKey: .loss),
      lambda: values.decode(Double.self, forKey: .lambda),
      lambdaSchedule: values.decodeIfPresent(LambdaSchedule.self, forKey: .lambdaSchedule) ?? .epoch,
      covariance: values.decodeIfPresent(Covariance.self, forKey: .covariance) ?? .full,
      retention: values.decodeIfPresent(Double.self, forKey: .retention) ?? 1,
      epochs: values.decode(Int.self, forKey: .epochs), batch: values.decode(Int.self, forKey: .batch),
      seed: values.decode(UInt64.self, forKey: .seed), learningRate: values.decode(Double.self, forKey: .learningRate),
      momentum: values.decode(Double.self, forKey: .momentum),
      weightDecay: values.decode(Double.self, forKey: .weightDecay),
      schedule: values.decode(Schedule.self, forKey: .schedule), augment: values.decode(Bool.self, forKey: .augment),
      cropPadding: values.decodeIfPresent(Int.self, forKey: .cropPadding) ?? 4,
      precision: values.decode(Precision.self, forKey: .precision),
      device: values.decodeIfPresent(DeviceChoice.self, forKey: .device) ?? .auto,
      threads: values.decodeIfPresent(Int.self, forKey: .threads))
  }

  /// 4 as published, for runs of hundreds of epochs; a short run has not the time to learn so many positions, and ends
  /// with the lower test error at 2.
  public static func cropPadding(epochs: Int) -> Int { epochs <= 20 ? 2 : 4 }

  /// The loss with what sets it apart from the published one, as figures name an arm.
  public var armName: String {
    let name: String
    switch loss {
    case .ce: return "cross-entropy"
    case .isda: name = "ISDA"
    case .explicit(let draws): name = "explicit M=\(draws)"
    }
    var parts = ["\(name) λ₀=\(lambda)"]
    if lambdaSchedule == .step { parts.append("λ by step") }
    if covariance != .full { parts.append(covariance.rawValue) }
    if retention < 1 { parts.append("β=\(retention)") }
    return parts.joined(separator: ", ")
  }
}
