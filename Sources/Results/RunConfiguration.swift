//  Everything that was asked of a run, in one value: filled by the command line, saved as `config.json`.

/// What to train, on what, and how. The defaults are those of `isda train`.
public struct RunConfiguration: Codable, Sendable, Equatable {
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
  /// A name that `Architecture` knows; of a network that was not trained here, whatever it is called.
  public var network: String
  public var loss: Loss
  /// λ₀, the strength that λ reaches at the end of the run.
  public var lambda: Double
  public var lambdaSchedule: LambdaSchedule
  public var covariance: Covariance
  /// β, by which the weight of old features in the covariances shrinks with every step; 1 forgets nothing.
  public var retention: Double
  /// 0 for a network that was not trained here.
  public var epochs: Int
  public var batch: Int
  public var seed: UInt64
  public var learningRate: Double
  public var momentum: Double
  /// Momentum that looks ahead (Nesterov).
  public var nesterov: Bool
  public var weightDecay: Double
  public var schedule: Schedule
  /// How the training images are changed.
  public var augmentation: Augmentation
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
    momentum: Double = 0.9, nesterov: Bool = true, weightDecay: Double = 5e-4, schedule: Schedule = .cosine,
    augmentation: Augmentation = .standard, precision: Precision = .auto, device: DeviceChoice = .auto,
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
    self.nesterov = nesterov
    self.weightDecay = weightDecay
    self.schedule = schedule
    self.augmentation = augmentation.resolved(epochs: epochs)
    self.precision = precision
    self.device = device
    self.threads = threads
  }

  /// Keys of older versions, in place of `augmentation`.
  private enum FormerKeys: String, CodingKey {
    case augment, cropPadding
  }

  /// Keys that came later than the first version have, where they are missing, the values that runs had then.
  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    let former = try decoder.container(keyedBy: FormerKeys.self)
    func formerAugmentation() throws -> Augmentation {
      guard try former.decode(Bool.self, forKey: .augment) else { return .none }
      let padding = try former.decodeIfPresent(Int.self, forKey: .cropPadding) ?? 4
      return Augmentation(crop: padding > 0 ? Augmentation.Crop(padding: padding) : nil, flips: true)
    }
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
      nesterov: values.decodeIfPresent(Bool.self, forKey: .nesterov) ?? true,
      weightDecay: values.decode(Double.self, forKey: .weightDecay),
      schedule: values.decode(Schedule.self, forKey: .schedule),
      augmentation: values.decodeIfPresent(Augmentation.self, forKey: .augmentation) ?? formerAugmentation(),
      precision: values.decode(Precision.self, forKey: .precision),
      device: values.decodeIfPresent(DeviceChoice.self, forKey: .device) ?? .auto,
      threads: values.decodeIfPresent(Int.self, forKey: .threads))
  }

  /// What stands for the configuration of a network of which only features are known (`isda analyze --features`): its
  /// name and the images.
  public static func untrained(network: String, images: DatasetChoice) -> RunConfiguration {
    var configuration = RunConfiguration(
      dataset: images.name, network: network, loss: .ce, epochs: 0, augmentation: .none)
    configuration.images = images
    return configuration
  }

  /// False for a network of which only features are known: then nothing that is said of the training means anything.
  public var isTrainedHere: Bool { epochs > 0 }

  /// As figures name a run.
  public var title: String { isTrainedHere ? "\(armName), seed \(seed)" : network }

  /// The loss with what sets it apart from the published one, and how the images are changed where that is not the
  /// standard, as figures name an arm.
  public var armName: String {
    guard isTrainedHere else { return network }
    var parts = [loss.usesCovariances ? "\(loss.name) λ₀=\(lambda)" : loss.name]
    if loss.usesCovariances {
      if lambdaSchedule == .step { parts.append("λ by step") }
      if covariance != .full { parts.append(covariance.rawValue) }
      if retention < 1 { parts.append("β=\(retention)") }
    }
    if let name = augmentation.armName(epochs: epochs) { parts.append(name) }
    return parts.joined(separator: ", ")
  }
}
