//  Everything that was asked of a run, in one value: filled by the command line, saved as `config.json`.

/// What to train, on what, and how. The defaults are those of `isda train`.
public struct RunConfiguration: Codable, Sendable, Equatable {
  public enum Precision: String, Codable, Sendable, CaseIterable {
    /// bfloat16 where the processor computes faster in it, float32 elsewhere; resolved when the run starts.
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

  public var images: DatasetChoice
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
    images: DatasetChoice, network: String, loss: Loss, lambda: Double = 0.5, lambdaSchedule: LambdaSchedule = .epoch,
    covariance: Covariance = .full,
    retention: Double = 1, epochs: Int, batch: Int = 128, seed: UInt64 = 0, learningRate: Double = 0.1,
    momentum: Double = 0.9, nesterov: Bool = true, weightDecay: Double = 5e-4, schedule: Schedule = .cosine,
    augmentation: Augmentation = .standard, precision: Precision = .auto, device: DeviceChoice = .auto,
    threads: Int? = nil
  ) {
    self.images = images
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

  /// Beside those of the images, in the same object.
  private enum CodingKeys: String, CodingKey {
    case network, loss, lambda, lambdaSchedule, covariance, retention, epochs, batch, seed, learningRate, momentum
    case nesterov, weightDecay, schedule, augmentation, precision, device, threads
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
      images: DatasetChoice(from: decoder),
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

  public func encode(to encoder: any Encoder) throws {
    try images.encode(to: encoder)
    var values = encoder.container(keyedBy: CodingKeys.self)
    try values.encode(network, forKey: .network)
    try values.encode(loss, forKey: .loss)
    try values.encode(lambda, forKey: .lambda)
    try values.encode(lambdaSchedule, forKey: .lambdaSchedule)
    try values.encode(covariance, forKey: .covariance)
    try values.encode(retention, forKey: .retention)
    try values.encode(epochs, forKey: .epochs)
    try values.encode(batch, forKey: .batch)
    try values.encode(seed, forKey: .seed)
    try values.encode(learningRate, forKey: .learningRate)
    try values.encode(momentum, forKey: .momentum)
    try values.encode(nesterov, forKey: .nesterov)
    try values.encode(weightDecay, forKey: .weightDecay)
    try values.encode(schedule, forKey: .schedule)
    try values.encode(augmentation, forKey: .augmentation)
    try values.encode(precision, forKey: .precision)
    try values.encode(device, forKey: .device)
    try values.encodeIfPresent(threads, forKey: .threads)
  }

  /// What stands for the configuration of a network of which only features are known (`isda analyze --features`): its
  /// name and the images.
  public static func untrained(network: String, images: DatasetChoice) -> RunConfiguration {
    RunConfiguration(images: images, network: network, loss: .ce, epochs: 0, augmentation: .none)
  }

  /// False for a network of which only features are known: then nothing that is said of the training means anything.
  public var isTrainedHere: Bool { epochs > 0 }

  /// As figures name a run.
  public var title: String { isTrainedHere ? "\(armName), seed \(seed)" : network }

  /// The loss with what sets it apart from the published one, and how the images are changed where that is not the
  /// standard, as figures name an arm.
  public var armName: String { armParts.joined(separator: ", ") }

  /// The parts of `armName`, the loss first.
  public var armParts: [String] {
    guard isTrainedHere else { return [network] }
    let strength = lambda == lambda.rounded() && lambda < 1e6 ? "\(Int(lambda))" : "\(lambda)"
    var parts = [loss.usesCovariances ? "\(loss.name) λ₀=\(strength)" : loss.name]
    if loss.usesCovariances {
      if lambdaSchedule == .step { parts.append("λ by step") }
      if covariance != .full { parts.append(covariance.rawValue) }
      if retention < 1 { parts.append("β=\(retention)") }
    }
    if let name = augmentation.armName(epochs: epochs) { parts.append(name) }
    return parts
  }
}
